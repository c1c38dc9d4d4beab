/** Zipkin: a trace store with a page to look at them, all in memory. */
import { freePorts } from './free-ports.ts';
import { javaArguments } from './java-part.ts';
import { type Part, startNodes } from './part.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface ZipkinOptions {
  /** Any free one if absent. */
  port?: number;
  /** Java heap. */
  heap?: string;
}

/** The url is `http://host:port`: spans go to `/api/v2/spans`, questions to `/api/v2/traces`, people to `/`. */
export async function startZipkin(options: ZipkinOptions = {}): Promise<Part> {
  const java = await javaArguments('zipkin', options.heap ?? '256m');
  const [freePort = 0] = await freePorts(1);
  const port = options.port ?? freePort;
  const folder = openWorkFolder('zipkin');
  const url = `http://127.0.0.1:${port}`;
  return startNodes({
    name: 'zipkin',
    url,
    urls: [url],
    folder,
    programs: [
      new Program({
        name: 'zipkin',
        folder,
        command: 'java',
        args: [
          ...java,
          // What unpacks or caches something does it where it is removed with the rest.
          `-Djava.io.tmpdir=${folder.path}`,
          'org.springframework.boot.loader.launch.JarLauncher',
          ...listener(port),
        ],
        // Nothing of ours may change what it is asked to be: it reads the environment too.
        environment: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
        ready: /Serving HTTP at/,
      }),
    ],
  });
}

/** Its own setting, QUERY_PORT, listens on all addresses. */
function listener(port: number): string[] {
  return ['ip=127.0.0.1', `port=${port}`, 'protocols[0]=http'].map((setting) => `--armeria.ports[0].${setting}`);
}
