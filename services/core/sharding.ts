/**
 * Which shard a resource lives in (architecture "Sharding"): a CSE's tree is cut below the CSEBase, everything under one
 * first-level child is one shard, and what the CSE names carries its shard in the name.
 */

/** Number of shards of a deployment, fixed for its life. */
export const shardCount = 4096;

const digits = '0123456789abcdefghijklmnopqrstuv';

/** Names and IDs that a CSE invents: a letter, three base-32 digits of the shard, then what makes them unique (R8). */
const inventedPattern = /^[A-Za-z]([0-9a-v]{3})-[0-9a-z]+-[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$/;

/** What makes an invented ID unique: no two commits share generation, partition and version (R8). */
export interface CommitCoordinates {
  generation: number;
  partition: number;
  version: number;
}

/** 32-bit FNV-1a with a final mix; stable for ever, since shards are stored. */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The three digits that carry a shard in an invented name. */
export function shardDigits(shard: number): string {
  return digits[(shard >> 10) & 31]! + digits[(shard >> 5) & 31]! + digits[shard & 31]!;
}

/** The shard written into an invented name or ID, or undefined for any other name. */
export function shardInName(name: string): number | undefined {
  const match = inventedPattern.exec(name);
  if (match === null) return undefined;
  const text = match[1]!;
  return (
    ((digits.indexOf(text[0]!) << 10) | (digits.indexOf(text[1]!) << 5) | digits.indexOf(text[2]!)) & (shardCount - 1)
  );
}

/**
 * An ID or name of the CSE's own making. `letter` is `C` or `S` for an AE-ID, `r` for everything else. In a shard they sort as
 * they were made, so that lists of children, which go by name, show instances without a name of their own from old to new.
 */
export function inventedId(letter: string, shard: number, at: CommitCoordinates, index: number): string {
  return `${letter}${shardDigits(shard)}-${sortable(at.generation)}-${at.partition.toString(36)}-${sortable(at.version)}-${sortable(index)}`;
}

/** A count in base 36 that sorts as text: before its digits stands how many follow the first. */
function sortable(count: number): string {
  const text = count.toString(36);
  return (text.length - 1).toString(36) + text;
}

/** The shard of a first-level child of a CSEBase and of everything below it, by that child's name. */
export function shardOfName(cse: number, firstLevelName: string): number {
  return shardInName(firstLevelName) ?? stableHash(`${cse}/${firstLevelName}`) % shardCount;
}

/**
 * The shard where a resource ID is looked for first. True for invented IDs; for self-chosen AE-IDs a guess (the shard of
 * the AE's default name) that the directory corrects (R6, R8).
 */
export function shardOfId(cse: number, id: string): number {
  return shardOfName(cse, id);
}

/** The shard of the CSEBase resource itself and of requests that target it. */
export function shardOfBase(cse: number): number {
  return stableHash(`${cse}/`) % shardCount;
}

/** The shard of the directory entry of an AE-ID (R8): not the AE's own. */
export function shardOfDirectoryEntry(cse: number, aeId: string): number {
  return stableHash(`${cse}#${aeId}`) % shardCount;
}

/** The shard of what has neither name nor ID yet, from the request's duplicate key, so that a repeat meets the same window (R8). */
export function shardOfDuplicateKey(key: string): number {
  return stableHash(key) % shardCount;
}

/** The partition of the requests log that owns a shard. */
export function partitionOfShard(shard: number, partitions: number): number {
  return shard % partitions;
}

/** The partition of the outbound log for a receiver, so that what one receiver gets keeps its order. */
export function partitionOfReceiver(receiver: string, partitions: number): number {
  return stableHash(receiver) % partitions;
}
