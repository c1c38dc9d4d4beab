/** The promises of `semantics.md`, judged after a history by what an outsider has seen. */
import type { Counters } from '../../services/core/resource.ts';
import type { Asked, Ledger } from './ledger.ts';
import type { Deployed } from './processes.ts';

export async function checkPromises(
  ledger: Ledger,
  deployed: Deployed,
  looks: readonly { con: string; latest: string }[],
): Promise<void> {
  nothingLost(ledger);
  nothingTwice(ledger);
  sameAnswers(ledger);
  nobodyElse(ledger);
  inOrder(ledger);
  everybodySees(ledger, looks);
  told(ledger);
  await recount(ledger, deployed);
  await recountUsage(ledger, deployed);
}

/** Promise 1, and 3 as far as the CSE goes: what ingress has acknowledged is done and answered. */
function nothingLost(ledger: Ledger): void {
  for (const asked of ledger.asked.values()) {
    const { rqi, con, rsc, acknowledged, published } = asked;
    const wasStored = con !== undefined && ledger.inserted.has(con);
    if (rsc === 2001 && con !== undefined && !wasStored)
      ledger.problem('lost', `${rqi} was answered 2001 and is not stored`);
    if (rsc !== undefined && rsc !== 2001 && wasStored)
      ledger.problem('lost', `${rqi} was answered ${rsc} and is stored`);
    if (acknowledged.length > 0 && published === 0)
      ledger.problem('lost', `${rqi} was acknowledged and never answered`);
    if (acknowledged.length > 0 && isForgotten(asked) && !wasStored && !asked.isShed) {
      ledger.problem('lost', `${rqi} was acknowledged and never stored`);
    }
  }
}

function isForgotten({ level, con }: Asked): boolean {
  return level === 'Cforgetful' && con !== undefined;
}

/** Promise 2. */
function nothingTwice(ledger: Ledger): void {
  for (const [con, all] of ledger.inserted) {
    if (all.length > 1) ledger.problem('twice', `${con} was stored ${all.length} times`);
  }
  for (const [path, count] of ledger.others) {
    if (count > 1) ledger.problem('twice', `${path} was created ${count} times`);
  }
}

function sameAnswers(ledger: Ledger): void {
  for (const { rqi, operation, rsc, answers } of ledger.asked.values()) {
    // Reads are executed anew; a forgery is answered by ingress itself, which remembers nothing (R29).
    if (operation === 2 || rsc === 4106 || answers.size <= 1) continue;
    ledger.problem('twice', `${rqi} got ${answers.size} different answers: ${[...answers].join(' | ').slice(0, 600)}`);
  }
}

/** Promise 4: that forgeries are answered 4106 the script itself checks. */
function nobodyElse(ledger: Ledger): void {
  for (const con of ledger.inserted.keys()) if (con.startsWith('forged')) ledger.problem('name', `${con} was stored`);
}

/** Promise 5. */
function inOrder(ledger: Ledger): void {
  const byPlace = new Map<string, Asked[]>();
  for (const asked of ledger.asked.values()) {
    // What ingress has shed begins anew with its next copy (R29).
    if (asked.con === undefined || asked.isShed || !ledger.inserted.has(asked.con)) continue;
    const key = `${asked.level} ${asked.to}`;
    const all = byPlace.get(key) ?? [];
    byPlace.set(key, all);
    all.push(asked);
  }
  for (const all of byPlace.values()) {
    for (let later = 1; later < all.length; later++) {
      for (let earlier = 0; earlier < later; earlier++) checkPair(ledger, all[earlier] as Asked, all[later] as Asked);
    }
  }
}

function checkPair(ledger: Ledger, one: Asked, other: Asked): void {
  const [first, second] = isOrdered(one, other) ? [one, other] : isOrdered(other, one) ? [other, one] : [];
  if (first === undefined || second === undefined) return;
  const before = ledger.inserted.get(first.con ?? '')?.[0];
  const after = ledger.inserted.get(second.con ?? '')?.[0];
  if (before === undefined || after === undefined || before.place < after.place) return;
  ledger.problem('order', `${second.rqi} was applied before ${first.rqi}`);
}

/** Who waited for the answer; or both came first on one connection, which acknowledged both, and nothing came in between elsewhere. */
function isOrdered(first: Asked, second: Asked): boolean {
  if (first.answeredAt !== undefined && first.answeredAt <= second.firstSentAt) return true;
  const [arrival] = first.arrivals;
  const [next] = second.arrivals;
  const taken = first.acknowledged[0];
  if (arrival === undefined || next === undefined || taken === undefined) return false;
  if (arrival.connection !== next.connection || arrival.place > next.place) return false;
  if (taken.connection !== arrival.connection) return false;
  return second.arrivals.every(({ connection, at }) => connection === arrival.connection || at > taken.at);
}

/** Promise 5: after an answer everybody sees its effect. */
function everybodySees(ledger: Ledger, looks: readonly { con: string; latest: string }[]): void {
  for (const { con, latest } of looks) {
    const mine = ledger.inserted.get(con)?.[0];
    const seen = ledger.inserted.get(latest)?.[0];
    if (mine === undefined || seen === undefined || seen.sequence >= mine.sequence) continue;
    ledger.problem('order', `after ${con} was answered, the newest instance was still ${latest}`);
  }
}

/** Promise 3: each at least once is what the history has waited for; here the order of first deliveries. */
function told(ledger: Ledger): void {
  for (const [subscription, all] of ledger.toTell) {
    const published = ledger.told.get(subscription) ?? [];
    const expected = all.filter((con) => published.includes(con));
    const got = published.filter((con) => all.includes(con));
    // What happens below the CSEBase happens in many shards, which have no common order.
    const isOrdered = !ledger.ofBase.has(subscription);
    if (isOrdered && got.some((con, index) => con !== expected[index])) {
      ledger.problem('notified', `${subscription} was told ${got.join(' ')} instead of ${expected.join(' ')}`);
    }
    const unfounded = published.filter((con) => !all.includes(con));
    if (unfounded.length > 0) ledger.problem('notified', `${subscription} was told of ${unfounded.join(' ')}`);
  }
}

/** What the flights have counted for quotas is what is there. */
async function recountUsage(ledger: Ledger, { database }: Deployed): Promise<void> {
  const counted = JSON.stringify(await database.truth.usage(database.generation));
  const there = JSON.stringify(await database.truth.recountUsage());
  if (counted !== there) ledger.problem('recount', `usage is ${counted}, a recount gives ${there}`);
}

/** `cni`, `cbs` and `st` are what a recount gives, and the rows are those that were committed. */
async function recount(ledger: Ledger, { database }: Deployed): Promise<void> {
  for (const [id, { row, live, stateTag }] of ledger.containers) {
    const { cse, shard } = row;
    const [fact, query] = await database.truth.load([
      { kind: 'resource', cse, shard, id },
      { kind: 'query', query: { cse, shard, rootId: id, level: 1, types: [4], limit: 2000 } },
    ]);
    const loaded = fact?.kind === 'resource' ? fact.found : null;
    if (loaded?.counters === undefined) {
      ledger.problem('recount', `${row.path} is gone`);
      continue;
    }
    const rows = query?.kind === 'query' ? query.page.resources : [];
    const bytes = rows.reduce((sum, { size }) => sum + size, 0);
    const is = describe(loaded.counters);
    const counted = `cni ${rows.length} cbs ${bytes} st ${stateTag}`;
    if (is !== counted) ledger.problem('recount', `${row.path} has ${is}, a recount gives ${counted}`);
    const mni = row.attributes.mni;
    if (typeof mni === 'number' && rows.length > mni)
      ledger.problem('recount', `${row.path} holds more than mni ${mni}`);
    const expected = [...live.values()].map((instance) => instance.id).sort();
    const there = rows.map((instance) => instance.id).sort();
    if (expected.join() !== there.join()) {
      ledger.problem('recount', `${row.path} holds ${there.join(' ')} instead of ${expected.join(' ')}`);
    }
  }
}

function describe({ instances, bytes, stateTag }: Counters): string {
  return `cni ${instances} cbs ${bytes} st ${stateTag}`;
}
