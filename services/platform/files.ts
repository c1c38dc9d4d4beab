/** Files that an operator replaces while the process runs: certificates, passwords. */
import { readFileSync, statSync } from 'node:fs';
import { type ConnectionOptions, createSecureContext } from 'node:tls';

/**
 * Reads anew at every call. Where that fails after it has succeeded once (a file is being replaced, a volume is away), the
 * last result stands: who connects must not fail for it in a place where nobody catches.
 */
export function lastGood<T>(read: () => T): () => T {
  let last: { value: T } | undefined;
  return () => {
    try {
      last = { value: read() };
    } catch (error) {
      if (last === undefined) throw error;
    }
    return last.value;
  };
}

/** PEM files for a TLS connection; without `ca` the authorities that Node.js comes with are trusted. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
  /** Takes any certificate of the server, for anybody: nothing is proven. */
  insecure?: boolean;
}

/**
 * Reads the files. Throws where one cannot be read, or where they are not of one piece: a new certificate beside the old key is
 * found here, and not in a handler of a socket where nobody catches.
 */
export function readTlsFiles({ ca, cert, key, insecure = false }: TlsFiles): ConnectionOptions {
  const options: ConnectionOptions = {
    // Said, because an environment variable would change the default.
    rejectUnauthorized: !insecure,
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
    ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
    ...(key === undefined ? {} : { key: readFileSync(key) }),
  };
  createSecureContext(options);
  return options;
}

/** Those that are there, for {@link watchFiles}. */
export function pathsOf({ ca, cert, key }: TlsFiles): string[] {
  return [ca, cert, key].filter((path) => path !== undefined);
}

/** ms between two looks. Mounted secrets are replaced by links, which only looking shows for certain. */
const defaultInterval = 5000;

/**
 * Calls back when files have changed and have then stood still for one interval, so that certificate and key are both the new
 * ones. Returns what ends it. Does not keep the process alive.
 */
export function watchFiles(paths: readonly string[], changed: () => void, interval = defaultInterval): () => void {
  if (paths.length === 0) return () => {};
  let reported = stateOf(paths);
  let seen = reported;
  const timer = setInterval(() => {
    const now = stateOf(paths);
    const still = now === seen;
    seen = now;
    if (!still || now === reported) return;
    reported = now;
    changed();
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}

function stateOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const state = statSync(path, { throwIfNoEntry: false });
      return state === undefined ? 'none' : `${state.ino} ${state.size} ${state.mtimeMs}`;
    })
    .join();
}
