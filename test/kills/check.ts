/** What must hold after any failure, seen from outside by the standard's means. */
import assert from 'node:assert/strict';
import { contentOf, type Resource } from '../system/system.ts';
import { noticesOf, type Target, type Traffic } from './traffic.ts';

export interface CheckOptions {
  /** First deliveries come in the order of the changes; not where the broker itself does not keep it. */
  order?: boolean;
}

/** Fails at the first broken promise. To be called when nothing is out any more. */
export async function checkPromises(traffic: Traffic, { order = true }: CheckOptions = {}): Promise<void> {
  for (const target of traffic.targets) {
    checkAnswers(target);
    const instances = await retrieveInstances(target);
    checkEffects(target, instances);
    await checkCounters(target, instances);
    checkNotices(target, instances, order);
  }
}

/** Promise 3; and promise 2: every answer to a repeat is the first one. */
function checkAnswers({ path, creations, owner }: Target): void {
  for (const { rqi, answer } of creations) {
    assert.equal(answer?.rsc, 2001, `${path}: ${rqi} was answered ${JSON.stringify(answer)}`);
  }
  const identifiers = new Map<string, unknown>();
  for (const answer of owner.answers) {
    const ri = answer.rsc === 2001 ? (answer.pc?.['m2m:cin'] as Resource | undefined)?.ri : undefined;
    if (ri === undefined) continue;
    assert.equal(
      ri,
      identifiers.get(answer.rqi) ?? ri,
      `${path}: ${answer.rqi} was answered differently the second time`,
    );
    identifiers.set(answer.rqi, ri);
  }
}

/** Promises 1 and 2: one instance for each request. */
function checkEffects({ path, creations }: Target, instances: Resource[]): void {
  const found = instances.map(({ con }) => String(con)).sort();
  assert.deepEqual(found, creations.map(({ content }) => content).sort(), `${path}: instances and requests`);
  const byIdentifier = new Map(instances.map((instance) => [instance.ri, instance]));
  for (const { content, answer } of creations) {
    const ri = (answer?.pc?.['m2m:cin'] as Resource | undefined)?.ri;
    assert.equal(byIdentifier.get(ri)?.con, content, `${path}: the answer names another instance`);
  }
}

/** TS-0001 9.6.6, by a recount; nothing but creates has changed the container. */
async function checkCounters({ path, owner }: Target, instances: Resource[]): Promise<void> {
  const { cni, cbs, st } = contentOf(await owner.must(2000, { op: 2, to: path }), 'm2m:cnt');
  const bytes = instances.reduce((sum, { con }) => sum + Buffer.byteLength(String(con)), 0);
  const count = instances.length;
  assert.deepEqual({ cni, cbs, st }, { cni: count, cbs: bytes, st: count }, `${path}: counters`);
  const tags = instances.map((instance) => Number(instance.st)).sort((one, other) => one - other);
  assert.deepEqual(
    tags,
    instances.map((_, at) => at + 1),
    `${path}: each change has a state tag of its own`,
  );
}

/** Promise 3: each at least once, a repeat under the same rqi, first deliveries in the order of the changes. */
function checkNotices({ path, subscriber }: Target, instances: Resource[], order: boolean): void {
  if (subscriber === undefined) return;
  const first = new Map<unknown, string>();
  const tags: number[] = [];
  for (const { rqi, instance } of noticesOf(subscriber)) {
    const known = first.get(instance.ri);
    if (known === undefined) tags.push(Number(instance.st));
    else assert.equal(rqi, known, `${path}: the notification of ${String(instance.con)} came under two names`);
    first.set(instance.ri, rqi);
  }
  const created = instances.map(({ ri }) => String(ri)).sort();
  assert.deepEqual([...first.keys()].map(String).sort(), created, `${path}: notifications and instances`);
  if (!order) return;
  const expected = tags.map((_, at) => at + 1);
  assert.deepEqual(tags, expected, `${path}: first deliveries are not in the order of the changes`);
}

async function retrieveInstances({ path, owner }: Target): Promise<Resource[]> {
  const found: Resource[] = [];
  let offset: number | undefined = 1;
  while (offset !== undefined) {
    const fc = { ty: [4], lim: 100, ofst: offset };
    const page = await owner.must(2000, { op: 2, to: path, rcn: 8, fc });
    const content = contentOf(page, 'm2m:cnt');
    found.push(...((content['m2m:cin'] ?? []) as Resource[]));
    offset = page.cnst === 1 ? page.cnot : undefined;
  }
  return found;
}
