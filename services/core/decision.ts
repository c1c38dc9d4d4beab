/**
 * A decision is a value: a request and what is known go in, the answer and the changes come out (architecture "The resource
 * worker"). Nothing here fetches; what is missing is named as a need, loaded by the flow for the whole batch, and decided again.
 */
import type { CseDescription } from './cse.ts';
import type { PrimitiveContent, RequestPrimitive, ResponsePrimitive } from './primitives.ts';
import type { StoredQuota, Usage } from './quotas.ts';
import type { Counters, InstanceSummary, ResourceKey, StoredResource } from './resource.ts';

// ---- what a decision may ask for -------------------------------------------------------------------------------------

/** Children or descendants in tree order: parents before children, siblings by name; never virtual, dead or expired ones. */
export interface DescendantQuery {
  cse: number;
  /** Shard of the root; undefined for a CSEBase, whose children live everywhere. */
  shard?: number;
  /** Resource whose descendants are wanted (itself not included). */
  rootId: string;
  /** Deepest level below the root, 1 = children only. */
  level?: number;
  /** Resource types to return (others are walked through). */
  types?: number[];
  /** Any of these labels. */
  labels?: string[];
  /** `ct` (ms since 1970) at or after / before. */
  createdAfter?: number;
  createdBefore?: number;
  /** Continue behind this path (exclusive), see {@link QueryPage.lastPath}. */
  afterPath?: string;
  /** Most rows to return, 1 … 2000. */
  limit: number;
}

export interface QueryPage {
  resources: StoredResource[];
  /** Counters of the containers among them, by resource ID. */
  counters: Map<string, Counters>;
  /** More rows may follow behind `lastPath`. */
  more: boolean;
  lastPath: string;
}

/** Something a decision lacks. The store answers all needs of a batch in one round trip (R9). */
export type Need =
  /** A resource by ID with its counters and its subscriptions; absent if dead. Expired ones are returned. */
  | { kind: 'resource'; cse: number; shard: number; id: string }
  /** The same by its path below the CSEBase (`ae1/cnt1`, also of an instance). */
  | { kind: 'path'; cse: number; shard: number; path: string }
  /** The newest / oldest instance of a container that has not expired at `now`. */
  | { kind: 'latest' | 'oldest'; cse: number; shard: number; parentId: string; now: number }
  /** The oldest `count` live instances of a container, oldest first. */
  | { kind: 'oldestInstances'; cse: number; shard: number; parentId: string; count: number }
  /** Where a container must be cut so that at most `keepCount` instances and `keepBytes` bytes stay. */
  | { kind: 'cut'; cse: number; shard: number; parentId: string; keepCount?: number; keepBytes?: number }
  /** Descendants; a batch is closed before a query that comes behind a write of the same shard (R9). */
  | { kind: 'query'; query: DescendantQuery }
  /** Home shard of an AE-ID from the directory (R8). */
  | { kind: 'aeHome'; cse: number; aeId: string }
  /** Latest expirationTime among the living children of a resource, for an UPDATE that shortens its life. */
  | { kind: 'latestChildExpiry'; cse: number; shard: number; parentId: string };

/** Identity of a need, for de-duplication and for finding its answer. */
export function needKey(need: Need): string {
  switch (need.kind) {
    case 'resource':
      // With the shard: an AE-ID is looked for where it seems to live, and then where the directory says (R8).
      return `r/${need.cse}/${need.shard}/${need.id}`;
    case 'path':
      return `p/${need.cse}/${need.path}`;
    case 'latest':
    case 'oldest':
      return `${need.kind}/${need.cse}/${need.parentId}`;
    case 'oldestInstances':
      return `o/${need.cse}/${need.parentId}`;
    case 'cut':
      return `c/${need.cse}/${need.parentId}/${need.keepCount ?? ''}/${need.keepBytes ?? ''}`;
    case 'query':
      return `q/${JSON.stringify(need.query)}`;
    case 'aeHome':
      return `a/${need.cse}/${need.aeId}`;
    case 'latestChildExpiry':
      return `e/${need.cse}/${need.parentId}`;
  }
}

/** Thrown by a {@link WorkingSet} inside `decide`, and turned there into `{ kind: 'needs' }`; never seen outside of core. */
export class MissingFact {
  readonly needs: Need[];
  constructor(...needs: Need[]) {
    this.needs = needs;
  }
}

// ---- what a decision may read ----------------------------------------------------------------------------------------

/**
 * What is known to a batch: committed rows through the caches, overlaid with the changes of the requests decided before.
 * Every reader throws {@link MissingFact} where it does not know, and never waits.
 */
export interface WorkingSet {
  /**
   * A resource by ID. `shard` is where to look; a resource of a shard that this partition does not own is *foreign*: reading
   * it here makes the flow check its version as R24 demands. Absent, dead or expired: null.
   */
  resource(cse: number, shard: number, id: string): StoredResource | null;
  /** The same, but also what has expired: for the timer work that removes it. */
  expired(cse: number, shard: number, id: string): StoredResource | null;
  /** A resource by its path below the CSEBase; one of a foreign shard binds like {@link resource} (policies named by path). */
  resourceAt(cse: number, shard: number, path: string): StoredResource | null;
  /** Whether a row holds this path, also one that has expired and waits for the timer. Of own shards only. */
  isTaken(cse: number, shard: number, path: string): boolean;
  /** Counters of a container. */
  counters(container: StoredResource): Counters;
  /** Living subscriptions below a resource, in the order of their creation. */
  subscriptions(parent: StoredResource): StoredResource[];
  latest(container: StoredResource): StoredResource | null;
  oldest(container: StoredResource): StoredResource | null;
  /** At least `count` of the oldest living instances (fewer only if there are no more), oldest first. */
  oldestInstances(container: StoredResource, count: number): InstanceSummary[];
  /** See the need `cut`: what stays is everything from `lowestSequence` on. */
  cut(
    container: StoredResource,
    keepCount: number | undefined,
    keepBytes: number | undefined,
  ): { lowestSequence: number; instances: number; bytes: number };
  query(query: DescendantQuery): QueryPage;
  /** Home shard of an AE-ID, or null if nobody has it. */
  aeHome(cse: number, aeId: string): number | null;
  /** Latest `expiresAt` among living children, null if there is none. */
  latestChildExpiry(parent: StoredResource): number | null;
}

// ---- what a decision may change --------------------------------------------------------------------------------------

/** Rows to write in the transaction of the batch. `version` of a resource is filled in by the flow. */
export type Change =
  /** A new row, with its counters if it is a container. */
  | { kind: 'insert'; resource: StoredResource; counters?: Counters }
  /** The whole row anew (path, name, parent and type never change). */
  | { kind: 'update'; resource: StoredResource }
  | { kind: 'counters'; key: ResourceKey; counters: Counters }
  /** One row that has no children, and its counters. `parentId` and `type` help the caches. */
  | { kind: 'remove'; resource: StoredResource }
  /** A mark that hides the resource and everything below it at once (R13); timer work removes the rows in portions. */
  | { kind: 'removeSubtree'; resource: StoredResource }
  /** Instances of a container below a sequence number go: `rows` says whether their rows go now or by timer work. */
  | { kind: 'evict'; container: ResourceKey; belowSequence: number; rows: 'now' | 'later' }
  /** The AE-ID directory (R8): `insert` loses against an entry that exists, and the request is then decided again. */
  | { kind: 'aeHome'; action: 'insert' | 'remove'; cse: number; aeId: string; home: number }
  /** The per-CSE version of the subscriptions of the CSEBase was relied upon / has changed (R22). */
  | { kind: 'baseSubscriptions'; action: 'rely' | 'change'; cse: number }
  /** A moment at which timer work is due (R21). `what`: see {@link DueKind}. */
  | { kind: 'due'; action: 'put' | 'drop'; due: Due };

/** expiry: a resource's et · sweep: rows under a mark · age: instances of a container past `mia` · exchange, delivery: R19, R23. */
export type DueKind = 'expiry' | 'sweep' | 'age' | 'exchange' | 'delivery';

export interface Due {
  shard: number;
  cse: number;
  kind: DueKind;
  /** The resource, exchange or `<subscription>/<target number>` that is due. */
  id: string;
  /** ms since 1970, in log time. */
  at: number;
}

/** A notification to put into the durable queue of a subscription and target (R23). */
export interface NotificationIntent {
  subscription: StoredResource;
  /** The `nu` entry as stored. */
  target: string;
  /** `m2m:sgn` and its value, without `sur`-independent transport parameters. */
  content: PrimitiveContent;
  /** Counts against `exc` when it has arrived. */
  countsForExpiration: boolean;
}

/** An event for a subscription that another shard owns (R22): decided there, from this. */
export interface ForeignEvent {
  subscription: ResourceKey;
  event: SubscriptionEvent;
}

/** Something that happened to a subscribed-to resource (TS-0004 7.5.1.2.2). */
export interface SubscriptionEvent {
  /** notificationEventType: 1 update, 2 delete, 3 child created, 4 child deleted. */
  type: 1 | 2 | 3 | 4;
  /** The representation: the subscribed-to resource for 1 and 2, the child for 3 and 4. */
  resource: StoredResource;
  counters?: Counters;
  /** Short names of what an update changed. */
  modified?: string[];
  /** Who did it. */
  originator: string;
  /** ms since 1970. */
  at: number;
}

/** A request that must wait for answers of others (R19): stored, and decided afresh with the answers. */
export interface ExchangeIntent {
  /** Verification of subscription targets (TS-0004 7.5.1.2.3). */
  purpose: 'verification';
  /** One request to each, all to be answered 2000. */
  questions: { target: string; content: PrimitiveContent }[];
  /** The shard that will own the exchange. */
  shard: number;
  /** ms from now until the exchange is given up. */
  timeLimit: number;
}

// ---- input and output ------------------------------------------------------------------------------------------------

export interface DecisionInput {
  cse: CseDescription;
  request: RequestPrimitive;
  /** Canonical originator, as the topic had it (`/id-in/C1`, `/S1`, `/mn1`); on a registration topic from `fr`, or empty. */
  originator: string;
  /** Credential-ID, on a registration topic only. */
  credential?: string;
  /** The originator level of the topic as received, and the broker: an AE is notified the way it registered. */
  topicLevel: string;
  broker: string;
  /** Append time of the first attempt, ms: the base of relative times and deadlines. */
  receivedAt: number;
  /** The worker's clock for `ct` and `lt`, ms, never going back in a partition. */
  now: number;
  /** The consumed log time, ms: what has expired is judged by it. */
  logTime: number;
  /** Text form of the duplicate key; the shard of what has neither name nor ID is a function of it (R8). */
  duplicateKey: string;
  /** Whether this partition owns a shard. */
  owns: (shard: number) => boolean;
  /** A fresh invented ID in a shard, unique for ever. `letter`: `C`, `S` for AE-IDs, `r` else. */
  inventId: (letter: string, shard: number) => string;
  /** The answers of a finished exchange: the request is decided again with them. */
  answers?: { target: string; responseStatusCode: number }[];
  /** What the CSE has, with what was decided before; needed only where it has quotas. */
  usage?: Usage;
}

export type Decision =
  /** Load these and decide again. */
  | { kind: 'needs'; needs: Need[] }
  | {
      kind: 'answer';
      response: ResponsePrimitive;
      /** Type of what was to be created, else of the target; undefined if there is none. For statistics. */
      type?: number | undefined;
      /** What it adds to what the CSE has, as far as is known before the commit; only where there are quotas. */
      growth?: Usage;
      /** The quota by which it was refused. */
      exceeded?: StoredQuota;
      changes: Change[];
      notifications: NotificationIntent[];
      foreignEvents: ForeignEvent[];
    }
  /** The target lives in another shard (directory): hand the record on (R6). */
  | { kind: 'handOn'; shard: number }
  | { kind: 'wait'; exchange: ExchangeIntent };
