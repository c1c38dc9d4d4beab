import { GenerationalMap } from './generational-map.ts';
import type { ResourceEntry } from './resource-entry.ts';

/** A mark of removal: hides its root and everything below that is not younger. An AE may be back under the same ID. */
export interface Mark {
  /** Version of the commit that set it: rows above it belong to a later incarnation. */
  until: number;
  /** Version of the marked row. */
  rootVersion: number;
}

/**
 * What the owner of a partition knows of its shards. True as long as its fence holds, since nobody else writes them (R24);
 * dropped as a whole when the fence is lost.
 */
export class PartitionCache {
  readonly entries: GenerationalMap<ResourceEntry>;
  /** Path below the CSEBase → resource ID, or null where nothing is. Instances are never in it. */
  readonly paths: GenerationalMap<string | null>;
  /** Marked subtrees (R13) that this owner has seen marked and whose rows may still be there, by the key of their root. */
  readonly marks = new Map<string, Mark>();

  constructor(capacity: number) {
    this.entries = new GenerationalMap(capacity);
    this.paths = new GenerationalMap(capacity);
  }

  clear(): void {
    this.entries.clear();
    this.paths.clear();
    this.marks.clear();
  }
}
