/**
 * What an outsider sees of a history: every message at the broker, every answer at a device, every row that the database
 * commits. The promises are judged by it alone.
 */
import type { Change } from '../../services/core/decision.ts';
import type { StoredResource } from '../../services/core/resource.ts';
import type { PartitionCommit } from '../../services/ports/resource-store.ts';
import type { BrokerMessage } from './sim-broker.ts';
import type { World } from './world.ts';

/** A request of a device, over all its copies. */
export interface Asked {
  rqi: string;
  /** Topic level of who sent it. */
  level: string;
  to: string;
  operation: number;
  /** Unique content of an instance, if it creates one. */
  con: string | undefined;
  /** The order in which a device that pipelines has sent it; copies keep the number. */
  turn: number;
  firstSentAt: number;
  answeredAt: number | undefined;
  /** Answers as they came, each once. */
  answers: Set<string>;
  rsc: number | undefined;
  /** Answers published by the CSE. */
  published: number;
  /** Ingress has answered that it cannot take it now (R29). */
  isShed: boolean;
  /** Every arrival at an ingress, in order. */
  arrivals: { connection: number; at: number; place: number }[];
  /** An ingress has acknowledged it to the broker. */
  acknowledged: { connection: number; at: number }[];
}

export interface Inserted {
  con: string;
  containerId: string;
  sequence: number;
  /** Place among all commits of the history. */
  place: number;
  at: number;
}

interface KnownContainer {
  row: StoredResource;
  live: Map<number, { id: string; size: number }>;
  stateTag: number;
}

interface Wire {
  rqi?: string;
  rsc?: number;
  pc?: Record<string, Record<string, unknown>>;
}

interface FenceSeen {
  version: number;
  next: number;
  emitted: number;
  logTime: number;
  lastTimestamp: number;
}

export class Ledger {
  readonly world: World;
  readonly asked = new Map<string, Asked>();
  /** Instances by their content. */
  readonly inserted = new Map<string, Inserted[]>();
  readonly containers = new Map<string, KnownContainer>();
  /** Rows of other kinds by path, with the number of their insertions. */
  readonly others = new Map<string, number>();
  /** Living subscriptions by parent, with the number of the flight that brought them. */
  readonly subscriptions = new Map<string, Map<string, { path: string; flight: number }>>();
  /** Subscriptions of the CSEBase. */
  readonly ofBase = new Set<string>();
  /** `<subscription>/<content>` committed, and not yet received by its target. */
  readonly missing = new Set<string>();
  /** Contents told, by subscription: as committed, and as first published. */
  readonly toTell = new Map<string, string[]>();
  readonly told = new Map<string, string[]>();
  readonly problems: string[] = [];
  commits = 0;
  /** Notifications published, repeats included. */
  notifications = 0;
  readonly #fences = new Map<number, FenceSeen>();
  #place = 0;
  #arrivals = 0;

  constructor(world: World) {
    this.world = world;
  }

  problem(promise: string, text: string): void {
    this.world.trace(`!! ${promise}: ${text}`);
    this.problems.push(`${promise}: ${text}`);
  }

  // ---- devices -------------------------------------------------------------------------------------------------------

  answerReceived(rqi: string, payload: string, rsc: number): void {
    const asked = this.asked.get(rqi);
    if (asked === undefined) return;
    asked.answeredAt ??= this.world.now;
    asked.rsc ??= rsc;
    asked.answers.add(payload);
  }

  /** Everything that ingress has acknowledged is answered. */
  owesNothing(): boolean {
    for (const { acknowledged, published } of this.asked.values()) {
      if (acknowledged.length > 0 && published === 0) return false;
    }
    return true;
  }

  notificationReceived(subscription: string, con: string): void {
    this.missing.delete(`${subscription}/${con}`);
  }

  // ---- broker --------------------------------------------------------------------------------------------------------

  arrived(connection: number, { payload }: BrokerMessage): void {
    const asked = this.#askedIn(payload);
    asked?.arrivals.push({ connection, at: this.world.now, place: this.#arrivals++ });
  }

  acknowledged(connection: number, { payload }: BrokerMessage): void {
    this.#askedIn(payload)?.acknowledged.push({ connection, at: this.world.now });
  }

  published(topic: string, payload: Uint8Array): void {
    const wire = parse(payload);
    if (topic.startsWith('/oneM2M/resp/')) {
      const asked = this.asked.get(wire.rqi ?? '');
      if (asked === undefined) return;
      asked.published++;
      if (wire.rsc === 5000) asked.isShed = true;
      return;
    }
    const event = eventOf(wire);
    if (event === undefined) return;
    this.notifications++;
    const told = this.told.get(event.subscription) ?? [];
    this.told.set(event.subscription, told);
    if (!told.includes(event.con)) told.push(event.con);
  }

  #askedIn(payload: Uint8Array): Asked | undefined {
    const match = /"rqi":"([^"]+)"/.exec(
      Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('latin1'),
    );
    return match === null ? undefined : this.asked.get(match[1] ?? '');
  }

  // ---- database ------------------------------------------------------------------------------------------------------

  committed(parts: readonly PartitionCommit[]): void {
    this.commits++;
    for (const part of parts) {
      this.#fenceMoved(part);
      for (const change of part.changes) this.#changed(change);
    }
  }

  #fenceMoved({ partition, version, next, emitted, logTime, lastTimestamp }: PartitionCommit): void {
    const before = this.#fences.get(partition);
    const after = { version: version + 1, next, emitted, logTime, lastTimestamp };
    this.#fences.set(partition, after);
    if (emitted > version)
      this.problem('fence', `partition ${partition} says emitted ${emitted} at version ${version}`);
    if (before === undefined) return;
    if (after.version !== before.version + 1) {
      this.problem('fence', `partition ${partition} goes from version ${before.version} to ${after.version}`);
    }
    for (const field of ['next', 'emitted', 'logTime', 'lastTimestamp'] as const) {
      if (after[field] >= before[field]) continue;
      this.problem('fence', `${field} of partition ${partition} goes back from ${before[field]} to ${after[field]}`);
    }
  }

  #changed(change: Change): void {
    switch (change.kind) {
      case 'insert':
        return this.#insert(change.resource);
      case 'update': {
        const container = this.containers.get(change.resource.id);
        if (container === undefined) return;
        container.row = change.resource;
        container.stateTag++;
        return;
      }
      case 'remove': {
        const { type, parentId, id, sequence } = change.resource;
        if (type === 4) this.containers.get(parentId)?.live.delete(sequence);
        if (type === 3) this.#containerGone(change.resource);
        if (type === 23) this.subscriptions.get(parentId)?.delete(id);
        return;
      }
      case 'removeSubtree':
        return this.#containerGone(change.resource);
      case 'evict': {
        const live = this.containers.get(change.container.id)?.live;
        for (const sequence of live?.keys() ?? []) if (sequence < change.belowSequence) live?.delete(sequence);
        return;
      }
    }
  }

  /** By its mark; the rows go later (R13). */
  #containerGone({ id, path }: StoredResource): void {
    if (this.containers.delete(id)) this.others.set(path, (this.others.get(path) ?? 0) - 1);
  }

  #insert(resource: StoredResource): void {
    const { type, id, parentId, path } = resource;
    if (type === 4) return this.#insertInstance(resource);
    this.others.set(path, (this.others.get(path) ?? 0) + 1);
    if (type === 3) this.containers.set(id, { row: resource, live: new Map(), stateTag: 0 });
    if (type === 23) {
      const all = this.subscriptions.get(parentId) ?? new Map<string, { path: string; flight: number }>();
      this.subscriptions.set(parentId, all.set(id, { path, flight: this.commits }));
      if (!path.includes('/')) this.ofBase.add(id);
    }
    this.#tell(parentId, resource.name, id);
  }

  #insertInstance({ id, parentId, sequence, size, attributes }: StoredResource): void {
    const con = String(attributes.con);
    const place = this.#place++;
    const all = this.inserted.get(con) ?? [];
    this.inserted.set(con, all);
    all.push({ con, containerId: parentId, sequence, place, at: this.world.now });
    const container = this.containers.get(parentId);
    if (container === undefined) return this.problem('recount', `an instance in the unknown container ${parentId}`);
    container.live.set(sequence, { id, size });
    container.stateTag++;
    if (attributes.st !== container.stateTag) {
      this.problem('recount', `st of ${con} is ${String(attributes.st)} instead of ${container.stateTag}`);
    }
    this.#tell(parentId, con, id);
  }

  /** What every subscription of the parent must be told of. */
  #tell(parentId: string, what: string, whose: string): void {
    for (const [id, { path, flight }] of this.subscriptions.get(parentId) ?? []) {
      // What one transaction brings about below the CSEBase happens at the same time, in several shards.
      if (id === whose || (flight === this.commits && path.includes('/') === false)) continue;
      this.missing.add(`${id}/${what}`);
      const all = this.toTell.get(id) ?? [];
      all.push(what);
      this.toTell.set(id, all);
    }
  }
}

function parse(payload: Uint8Array): Wire {
  return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')) as Wire;
}

/** Which subscription a notification belongs to, and what it tells: the content of an instance, or the name of another resource. */
export function eventOf(wire: Wire): { subscription: string; con: string } | undefined {
  const notification = wire.pc?.['m2m:sgn'] as
    | { sur?: string; nev?: { rep?: Record<string, { con?: string; rn?: string }> } }
    | undefined;
  const shown = Object.values(notification?.nev?.rep ?? {})[0];
  if (notification?.sur === undefined || shown === undefined) return undefined;
  const subscription = notification.sur.slice(notification.sur.lastIndexOf('/') + 1);
  return { subscription, con: shown.con ?? shown.rn ?? '' };
}
