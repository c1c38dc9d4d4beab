/** A shared cache: speed, never truth (R24). Every method answers within tens of milliseconds, also when the cache is away. */
export interface ResourceCache {
  /** Values by key; what is not there, or not reachable, is undefined. */
  get(keys: string[]): Promise<(string | undefined)[]>;
  /** Stores each value unless a newer version is there. A deletion is a value too (a tombstone): pass null. Never rejects. */
  put(entries: { key: string; version: number; value: string | null }[]): Promise<void>;
  ready(): boolean;
  close(): Promise<void>;
}
