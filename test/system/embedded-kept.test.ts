/** The embedded CSE with a data folder: what it answered survives a kill -9 (R33), also as the whole suite sees it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Device, until } from './device.ts';
import { type EmbeddedProcess, startEmbeddedProcess } from './embedded-process.ts';
import { firstCse, hostedCses, testSettings } from './settings.ts';
import { systemSuite } from './suite.ts';
import { contentOf, type Resource } from './system.ts';
import { usageFigures } from './usage-figures.ts';

systemSuite('embedded, with a data folder', {
  async start() {
    const embedded = await startEmbeddedProcess({ keep: true, settings: testSettings });
    return { ...hostedCses, urls: [embedded.url], hasOneConnection: true, stop: () => embedded.stop() };
  },
});

const base = firstCse.name;
const home = `${base}/keeper`;

describe('embedded, killed', () => {
  let embedded: EmbeddedProcess;
  const open: Device[] = [];
  const device = async (level: string, clean = true) => {
    const opened = await Device.open({ url: embedded.url, cse: firstCse.level, level, clean });
    open.push(opened);
    return opened;
  };

  before(async () => {
    embedded = await startEmbeddedProcess({ keep: true, settings: testSettings });
  });
  after(async () => {
    await Promise.all(open.map((each) => each.close()));
    await embedded.stop();
  });

  it('R33: everything that was answered is there after kill -9, once, and in its order', async () => {
    const keeper = await device('Ckeeper');
    const pc = { 'm2m:ae': { rn: 'keeper', api: 'Ntest', rr: true, srv: ['3'] } };
    await keeper.must(2001, { op: 1, to: base, ty: 2, pc });
    const answered: string[] = [];
    for (let round = 1; round <= 2; round++) {
      const rn = `round${round}`;
      const to = `${home}/${rn}`;
      await keeper.must(2001, { op: 1, to: home, ty: 3, rcn: 0, pc: { 'm2m:cnt': { rn } } });
      let creating = true;
      const lanes = Array.from({ length: 8 }, async (_, lane) => {
        for (let index = 0; creating; index++) {
          const con = `${rn}.${lane}.${index}`;
          // Also over the kill: repeated with the same rqi until it is answered.
          await keeper.must(2001, { op: 1, to, ty: 4, rcn: 0, pc: { 'm2m:cin': { con } } }, { every: 500 });
          answered.push(con);
        }
      });
      await until('requests flow', () => answered.length >= round * 200);
      await embedded.kill();
      await embedded.start();
      const before = answered.length;
      await until('requests flow again', () => answered.length >= before + 50);
      creating = false;
      await Promise.all(lanes);
      const expected = answered.filter((con) => con.startsWith(`${rn}.`));
      const instances = await instancesOf(keeper, to);
      const found = instances.map(({ con }) => String(con));
      assert.deepEqual(found.toSorted(), expected.toSorted());
      const { cni, cbs, st } = contentOf(await keeper.must(2000, { op: 2, to }), 'm2m:cnt');
      const bytes = expected.reduce((sum, con) => sum + con.length, 0);
      assert.deepEqual({ cni, cbs, st }, { cni: expected.length, cbs: bytes, st: expected.length });
      for (let lane = 0; lane < 8; lane++) {
        const own = instances.filter(({ con }) => String(con).startsWith(`${rn}.${lane}.`)).sort(byTag);
        assert.deepEqual(
          own.map(({ con }) => con),
          own.map((_, index) => `${rn}.${lane}.${index}`),
        );
      }
    }
  });

  it('R16, R33: what was answered before the kill is not done again after it, and answered alike', async () => {
    const keeper = await device('Ckeeper');
    await keeper.must(2001, { op: 1, to: home, ty: 3, pc: { 'm2m:cnt': { rn: 'again' } } });
    const create = { op: 1, to: `${home}/again`, ty: 4, rqi: 'over-the-kill', pc: { 'm2m:cin': { con: 'x' } } };
    const first = await keeper.must(2001, create);
    await embedded.kill();
    await embedded.start();
    assert.deepEqual(await keeper.must(2001, create), first);
    assert.equal(contentOf(await keeper.must(2000, { op: 2, to: `${home}/again` }), 'm2m:cnt').cni, 1);
  });

  it('R23, R33: notifications that had not arrived are sent after the restart', async () => {
    const keeper = await device('Ckeeper');
    const watcher = await device('Cwatcher');
    const ae = { rn: 'watcher', api: 'Ntest', rr: true, srv: ['3'] };
    await watcher.must(2001, { op: 1, to: base, ty: 2, pc: { 'm2m:ae': ae } });
    await keeper.must(2001, { op: 1, to: home, ty: 3, pc: { 'm2m:cnt': { rn: 'told' } } });
    const pc = { 'm2m:sub': { nu: ['Cwatcher'], enc: { net: [3] } } };
    await keeper.must(2001, { op: 1, to: `${home}/told`, ty: 23, pc });
    await watcher.leave();
    for (let con = 0; con < 20; con++) {
      await keeper.must(2001, { op: 1, to: `${home}/told`, ty: 4, pc: { 'm2m:cin': { con } } });
    }
    await embedded.kill();
    await embedded.start();
    await watcher.comeBack();
    const notices = await watcher.noticed(20);
    assert.deepEqual(
      notices.map(({ nev }) => nev?.rep?.['m2m:cin']?.con),
      notices.map((_, index) => index),
    );
  });

  it('issue 4 §2: what each CSE has is what a recount gives, also after a kill -9', async () => {
    const keeper = await device('Ckeeper');
    await keeper.must(2001, { op: 1, to: home, ty: 3, pc: { 'm2m:cnt': { rn: 'counted', mni: 2 } } });
    for (let con = 0; con < 5; con++) {
      await keeper.must(2001, { op: 1, to: `${home}/counted`, ty: 4, pc: { 'm2m:cin': { con } } });
    }
    await embedded.kill();
    const told = await usageFigures('--data', embedded.dataFolder);
    const counted = await usageFigures('--data', embedded.dataFolder, '--recount');
    await embedded.start();
    assert.deepEqual(told, counted);
    const [first] = told;
    assert.equal(first?.cse, `/${firstCse.level}`);
    assert.ok((first?.used.applicationEntities ?? 0) >= 1);
    assert.ok((first?.used.resources ?? 0) >= 4);
  });

  it('issue "npm start": Ctrl-C ends it in good order, and what it held is there again', async () => {
    const keeper = await device('Ckeeper');
    await embedded.restart();
    await keeper.must(2000, { op: 2, to: `${home}/told` });
  });
});

async function instancesOf(reader: Device, to: string): Promise<Resource[]> {
  const found: Resource[] = [];
  for (let offset: number | undefined = 1; offset !== undefined; ) {
    const fc: object = { ty: [4], lim: 500, ofst: offset };
    const page = await reader.must(2000, { op: 2, to, rcn: 8, fc });
    found.push(...((contentOf(page, 'm2m:cnt')['m2m:cin'] ?? []) as Resource[]));
    offset = page.cnst === 1 ? page.cnot : undefined;
  }
  return found;
}

function byTag(one: Resource, other: Resource): number {
  return Number(one.st) - Number(other.st);
}
