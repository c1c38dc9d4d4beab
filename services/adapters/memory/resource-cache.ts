import { LRUCache } from 'lru-cache';
import type { ResourceCache } from '../../ports/resource-cache.ts';

interface Entry {
  version: number;
  /** null: a tombstone. */
  value: string | null;
}

/** What an entry costs beside its text, in bytes, roughly. */
const overhead = 120;

/** A cache of one process; the least recently used goes first. */
export class MemoryResourceCache implements ResourceCache {
  readonly #entries: LRUCache<string, Entry>;
  #closed = false;

  /** `maximumBytes`: 64 MB by default. */
  constructor({ maximumBytes = 64 * 1024 * 1024 }: { maximumBytes?: number } = {}) {
    this.#entries = new LRUCache({
      maxSize: maximumBytes,
      sizeCalculation: ({ value }, key) => overhead + key.length + (value?.length ?? 0),
    });
  }

  async get(keys: string[]): Promise<(string | undefined)[]> {
    return keys.map((key) => this.#entries.get(key)?.value ?? undefined);
  }

  async put(entries: { key: string; version: number; value: string | null }[]): Promise<void> {
    if (this.#closed) return;
    for (const { key, version, value } of entries) {
      const known = this.#entries.peek(key);
      if (known !== undefined && isNewer(known, version)) continue;
      this.#entries.set(key, { version, value });
    }
  }

  ready(): boolean {
    return !this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
  }
}

/** Of the same version a deletion is the last word. */
function isNewer(known: Entry, version: number): boolean {
  return known.version > version || (known.version === version && known.value === null);
}
