/** A CSE in memory for tests of decisions: everything is known, and the changes of each decision are applied to it. */
import assert from 'node:assert/strict';
import type { CseDescription } from '../../../services/core/cse.ts';
import { decide } from '../../../services/core/decide.ts';
import {
  type Change,
  type Decision,
  type DecisionInput,
  type DescendantQuery,
  type Due,
  type ForeignEvent,
  MissingFact,
  type Need,
  type NotificationIntent,
  type QueryPage,
  type WorkingSet,
} from '../../../services/core/decision.ts';
import type { RequestPrimitive, ResponsePrimitive } from '../../../services/core/primitives.ts';
import type { Counters, InstanceSummary, StoredResource } from '../../../services/core/resource.ts';
import { cseBaseId, seedOf } from '../../../services/core/seed.ts';
import { inventedId } from '../../../services/core/sharding.ts';
import { parseTimestamp } from '../../../services/core/timestamps.ts';

export const start = Date.UTC(2025, 2, 1, 10, 15, 0);
export const day = 86_400_000;

export type Answer = Extract<Decision, { kind: 'answer' }>;

export function cseDescription(changes: Partial<CseDescription> = {}): CseDescription {
  return {
    number: 1,
    id: '/id-in',
    name: 'cse-in',
    serviceProvider: '//sp.example',
    baseId: cseBaseId,
    admin: '/id-in/CAdmin',
    registrationPatterns: ['C*', 'S*'],
    demandRegistration: false,
    ignoreUnknownParameters: false,
    maximumLifetime: 3650 * day,
    duplicateWindow: 120_000,
    credentialsPerDevice: false,
    pointsOfAccess: ['mqtt://broker.example:1883'],
    notificationHosts: ['*.friends.example'],
    ...changes,
  };
}

/** Parameters of a request as tests write them. */
export type Asked = Partial<RequestPrimitive> & Pick<RequestPrimitive, 'operation' | 'to'>;
export type InputChanges = Partial<Omit<DecisionInput, 'cse' | 'request'>>;

export class World implements WorkingSet {
  readonly cse: CseDescription;
  now = start;
  /** Shards that this partition owns; all unless a test says otherwise. */
  owns: (shard: number) => boolean = () => true;
  /** Facts that are not known: readers throw what is missing for these kinds of needs. */
  readonly unknown = new Set<Need['kind']>();
  readonly rows = new Map<string, StoredResource>();
  readonly counts = new Map<string, Counters>();
  readonly homes = new Map<string, number>();
  readonly dead = new Set<string>();
  readonly due = new Map<string, Due>();
  baseVersion = 0;
  /** Of the last decision that was applied. */
  changes: Change[] = [];
  notifications: NotificationIntent[] = [];
  foreignEvents: ForeignEvent[] = [];
  #ids = 0;
  #requests = 0;

  constructor(changes: Partial<CseDescription> = {}) {
    this.cse = cseDescription(changes);
    const { base, policy } = seedOf(this.cse, start);
    this.rows.set(base.id, base);
    this.rows.set(policy.id, policy);
  }

  // ---- asking ----

  input(asked: Asked, originator: string, changes: InputChanges = {}): DecisionInput {
    const number = ++this.#requests;
    return {
      cse: this.cse,
      request: { requestIdentifier: `q${number}`, releaseVersion: '3', ...asked },
      originator,
      topicLevel: originator.slice(originator.lastIndexOf('/') + 1),
      broker: 'default',
      receivedAt: this.now,
      now: this.now,
      logTime: this.now,
      duplicateKey: `key${number}`,
      owns: (shard) => this.owns(shard),
      inventId: (letter, shard) => inventedId(letter, shard, { generation: 1, partition: 0, version: 1 }, this.#ids++),
      ...changes,
    };
  }

  decide(asked: Asked, originator: string, changes?: InputChanges): Decision {
    return decide(this.input(asked, originator, changes), this);
  }

  /** Decides and applies; the decision must be an answer. */
  ask(asked: Asked, originator: string, changes?: InputChanges): Answer {
    const decision = this.decide(asked, originator, changes);
    assert.equal(decision.kind, 'answer', JSON.stringify(decision));
    const answer = decision as Answer;
    this.apply(answer);
    return answer;
  }

  apply(effects: { changes: Change[]; notifications: NotificationIntent[]; foreignEvents: ForeignEvent[] }): void {
    this.changes = effects.changes;
    this.notifications = effects.notifications;
    this.foreignEvents = effects.foreignEvents;
    for (const change of effects.changes) this.#applyOne(change);
  }

  create(
    to: string,
    type: number,
    member: string,
    attributes: object,
    originator: string,
    more?: Partial<Asked>,
  ): Answer {
    return this.ask({ operation: 1, to, resourceType: type, content: { [member]: attributes }, ...more }, originator);
  }

  register(stem: string, attributes: object = {}): Answer {
    const originator = stem.startsWith('S') ? `/${stem}` : `/id-in/${stem}`;
    const answer = this.create('cse-in', 2, 'm2m:ae', { api: 'N1', rr: true, srv: ['3'], ...attributes }, originator);
    assert.equal(answer.response.responseStatusCode, 2001, JSON.stringify(answer.response));
    return answer;
  }

  retrieve(to: string, originator: string, more?: Partial<Asked>): ResponsePrimitive {
    return this.ask({ operation: 2, to, ...more }, originator).response;
  }

  update(to: string, member: string, attributes: object, originator: string, more?: Partial<Asked>): Answer {
    return this.ask({ operation: 3, to, content: { [member]: attributes }, ...more }, originator);
  }

  delete(to: string, originator: string, more?: Partial<Asked>): Answer {
    return this.ask({ operation: 4, to, ...more }, originator);
  }

  at(path: string): StoredResource {
    const found = this.#living((row) => row.path === path)[0];
    assert.ok(found, `nothing at ${path}`);
    return found;
  }

  exists(path: string): boolean {
    return this.#living((row) => row.path === path).length > 0;
  }

  countersAt(path: string): Counters {
    return this.counters(this.at(path));
  }

  dueOf(kind: Due['kind']): Due[] {
    return [...this.due.values()].filter((due) => due.kind === kind);
  }

  // ---- WorkingSet ----

  resource(cse: number, shard: number, id: string): StoredResource | null {
    const found = this.expired(cse, shard, id);
    return found !== null && !this.#isExpired(found) ? found : null;
  }

  expired(cse: number, shard: number, id: string): StoredResource | null {
    this.#mustKnow({ kind: 'resource', cse, shard, id });
    const row = this.rows.get(id);
    return row !== undefined && row.shard === shard && !this.#isDead(row) ? row : null;
  }

  resourceAt(cse: number, shard: number, path: string): StoredResource | null {
    this.#mustKnow({ kind: 'path', cse, shard, path });
    return this.#living((row) => row.path === path && row.shard === shard)[0] ?? null;
  }

  isTaken(cse: number, shard: number, path: string): boolean {
    this.#mustKnow({ kind: 'path', cse, shard, path });
    return [...this.rows.values()].some((row) => row.path === path && row.shard === shard && !this.#isDead(row));
  }

  counters(container: StoredResource): Counters {
    const counters = this.counts.get(container.id);
    assert.ok(counters, 'only containers have counters');
    return counters;
  }

  subscriptions(parent: StoredResource): StoredResource[] {
    return this.#living((row) => row.type === 23 && row.parentId === parent.id);
  }

  latest(container: StoredResource): StoredResource | null {
    this.#mustKnow({ kind: 'latest', cse: 1, shard: container.shard, parentId: container.id, now: this.now });
    return this.#instances(container).at(-1) ?? null;
  }

  oldest(container: StoredResource): StoredResource | null {
    return this.#instances(container)[0] ?? null;
  }

  oldestInstances(container: StoredResource, count: number): InstanceSummary[] {
    const { shard, id } = container;
    this.#mustKnow({ kind: 'oldestInstances', cse: 1, shard, parentId: id, count });
    return this.#allInstances(container)
      .slice(0, count)
      .map(({ id, sequence, size, expiresAt }) => ({ id, sequence, size, expiresAt }));
  }

  cut(container: StoredResource, keepCount = Number.POSITIVE_INFINITY, keepBytes = Number.POSITIVE_INFINITY) {
    const kept: StoredResource[] = [];
    let bytes = 0;
    for (const instance of this.#allInstances(container).reverse()) {
      if (kept.length + 1 > keepCount || bytes + instance.size > keepBytes) break;
      kept.push(instance);
      bytes += instance.size;
    }
    const lowestSequence = kept.at(-1)?.sequence ?? this.counters(container).nextSequence;
    return { lowestSequence, instances: kept.length, bytes };
  }

  query(query: DescendantQuery): QueryPage {
    this.#mustKnow({ kind: 'query', query });
    const root = this.rows.get(query.rootId);
    assert.ok(root);
    const depth = (row: StoredResource) =>
      row.path.split('/').length - (root.path === '' ? 0 : root.path.split('/').length);
    const matching = this.#living(
      (row) =>
        row.id !== root.id &&
        (root.path === '' || row.path.startsWith(`${root.path}/`)) &&
        depth(row) <= (query.level ?? 99) &&
        (query.types?.includes(row.type) ?? true) &&
        (query.labels?.some((label) => row.labels?.includes(label)) ?? true) &&
        creationTime(row) >= (query.createdAfter ?? 0) &&
        creationTime(row) < (query.createdBefore ?? Number.POSITIVE_INFINITY),
    ).sort((a, b) => comparePaths(a.path, b.path));
    const behind = matching.filter(
      (row) => query.afterPath === undefined || comparePaths(row.path, query.afterPath) > 0,
    );
    const resources = behind.slice(0, query.limit);
    const counters = new Map<string, Counters>();
    for (const { id } of resources) {
      const known = this.counts.get(id);
      if (known !== undefined) counters.set(id, known);
    }
    return { resources, counters, more: behind.length > query.limit, lastPath: resources.at(-1)?.path ?? '' };
  }

  aeHome(cse: number, aeId: string): number | null {
    this.#mustKnow({ kind: 'aeHome', cse, aeId });
    return this.homes.get(aeId) ?? null;
  }

  latestChildExpiry(parent: StoredResource): number | null {
    const ends = this.#living((row) => row.parentId === parent.id).map((row) => row.expiresAt ?? 0);
    return ends.length === 0 ? null : Math.max(...ends);
  }

  // ---- inside ----

  #mustKnow(need: Need): void {
    if (this.unknown.has(need.kind)) throw new MissingFact(need);
  }

  #living(test: (row: StoredResource) => boolean): StoredResource[] {
    return [...this.rows.values()].filter((row) => test(row) && !this.#isDead(row) && !this.#isExpired(row));
  }

  #isExpired(row: StoredResource): boolean {
    return row.expiresAt !== null && row.expiresAt <= this.now;
  }

  #isDead(row: StoredResource): boolean {
    if ([row.id, ...row.ancestors.split('/')].some((id) => this.dead.has(id))) return true;
    return row.type === 4 && row.sequence < (this.counts.get(row.parentId)?.lowestSequence ?? 0);
  }

  #instances(container: StoredResource): StoredResource[] {
    return this.#allInstances(container).filter((row) => !this.#isExpired(row));
  }

  #allInstances(container: StoredResource): StoredResource[] {
    return [...this.rows.values()]
      .filter((row) => row.type === 4 && row.parentId === container.id && !this.#isDead(row))
      .sort((a, b) => a.sequence - b.sequence);
  }

  #applyOne(change: Change): void {
    switch (change.kind) {
      case 'insert': {
        const { resource, counters } = change;
        assert.ok(!this.rows.has(resource.id), `${resource.id} is there already`);
        assert.ok(!this.exists(resource.path), `${resource.path} is there already`);
        this.rows.set(resource.id, frozenCopy(resource));
        if (counters !== undefined) this.counts.set(resource.id, frozenCopy(counters));
        return;
      }
      case 'update':
        assert.ok(this.rows.has(change.resource.id));
        this.rows.set(change.resource.id, frozenCopy(change.resource));
        return;
      case 'counters':
        assert.ok(this.counts.has(change.key.id));
        this.counts.set(change.key.id, frozenCopy(change.counters));
        return;
      case 'remove':
        assert.ok(this.rows.delete(change.resource.id), `${change.resource.id} is not there`);
        this.counts.delete(change.resource.id);
        this.dead.delete(change.resource.id);
        return;
      case 'removeSubtree':
        this.dead.add(change.resource.id);
        return;
      case 'evict':
        return this.#evict(change);
      case 'aeHome':
        if (change.action === 'remove') this.homes.delete(change.aeId);
        else this.homes.set(change.aeId, change.home);
        return;
      case 'baseSubscriptions':
        if (change.action === 'change') this.baseVersion++;
        return;
      case 'due': {
        const { kind, id, at } = change.due;
        if (change.action === 'put') this.due.set(`${kind}/${id}/${at}`, change.due);
        else this.due.delete(`${kind}/${id}/${at}`);
        return;
      }
    }
  }

  #evict({ container, belowSequence, rows }: Extract<Change, { kind: 'evict' }>): void {
    if (rows === 'now') {
      for (const row of [...this.rows.values()]) {
        if (row.type === 4 && row.parentId === container.id && row.sequence < belowSequence) this.rows.delete(row.id);
      }
    }
    const counters = this.counts.get(container.id);
    assert.ok(counters);
    this.counts.set(container.id, frozenCopy({ ...counters, lowestSequence: belowSequence }));
  }
}

/** What is stored is never changed in place: a decision that tries fails. */
function frozenCopy<Value>(value: Value): Value {
  return freeze(structuredClone(value));
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

function creationTime(row: StoredResource): number {
  return parseTimestamp(String(row.attributes.ct)) ?? 0;
}

function comparePaths(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one = '', other = ''] = [left[index], right[index]];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** The attributes in an answer. */
export function attributesIn({ content }: ResponsePrimitive): Record<string, unknown> {
  const [value] = Object.values(content ?? {});
  assert.ok(typeof value === 'object' && value !== null, JSON.stringify(content));
  return value as Record<string, unknown>;
}

export function debugOf({ content }: ResponsePrimitive): string {
  return String(content?.['m2m:dbg']);
}
