/** Containers and instances: order, counters, limits (TS-0001 9.6.6, 9.6.7; TS-0004 7.4.6, 7.4.7; R15). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Device } from './device.ts';
import { contentOf, type Resource, type System } from './system.ts';

export function containerTests(system: System): void {
  const counters = async (device: Device, container: string) => {
    const { cni, cbs, st } = await system.retrieve(device, container, 'm2m:cnt');
    return { cni, cbs, st };
  };
  const latest = (device: Device, container: string) => system.retrieve(device, `${container}/la`, 'm2m:cin');
  const oldest = (device: Device, container: string) => system.retrieve(device, `${container}/ol`, 'm2m:cin');

  async function filled(t: TestContext, attributes: Resource, contents: readonly unknown[]) {
    const ae = await system.ae(t);
    const container = await system.container(ae, attributes);
    const instances: Resource[] = [];
    for (const con of contents) instances.push(await system.instance(ae.device, container, con));
    return { ae, device: ae.device, container, instances };
  }

  describe('containers and instances', () => {
    it('TS-0004 7.4.6.2: a new container counts nothing, and its la and ol are answered 4004', async (t) => {
      const { device, container } = await filled(t, {}, []);
      assert.deepEqual(await counters(device, container), { cni: 0, cbs: 0, st: 0 });
      await device.must(4004, { op: 2, to: `${container}/la` });
      await device.must(4004, { op: 2, to: `${container}/ol` });
    });

    it('R15: la is the last created and ol the first, whatever the clock says', async (t) => {
      const contents = Array.from({ length: 20 }, (_, index) => `value ${index}`);
      const { device, container, instances } = await filled(t, {}, contents);
      assert.deepEqual(await latest(device, container), instances.at(-1));
      assert.deepEqual(await oldest(device, container), instances[0]);
      assert.deepEqual(
        instances.map(({ st }) => st),
        contents.map((_, index) => index + 1),
      );
    });

    it('promise 5: requests that are not waited for all take effect, on one connection in the order of arrival', async (t) => {
      const { device, container } = await filled(t, {}, []);
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          device.must(2001, { op: 1, to: container, ty: 4, pc: { 'm2m:cin': { con: index } } }),
        ),
      );
      const tags = answers.map((answer) => Number(contentOf(answer, 'm2m:cin').st));
      assert.deepEqual(
        system.target.hasOneConnection ? tags : tags.toSorted((one, other) => one - other),
        answers.map((_, index) => index + 1),
      );
      assert.deepEqual(await counters(device, container), { cni: 100, cbs: 190, st: 100 });
    });

    it('decisions "cs": UTF-8 bytes of a string, else of the compact JSON', async (t) => {
      const contents = ['plain', 'Grüße ☃', '', 12.5, { a: [1, 2] }, true];
      const { device, container, instances } = await filled(t, {}, contents);
      const sizes = [5, 11, 0, 4, 11, 4];
      assert.deepEqual(
        instances.map(({ cs }) => cs),
        sizes,
      );
      const cbs = sizes.reduce((sum, size) => sum + size, 0);
      assert.deepEqual(await counters(device, container), { cni: 6, cbs, st: 6 });
    });

    it('TS-0001 9.6.6: beyond mni the oldest go', async (t) => {
      const { device, container, instances } = await filled(t, { mni: 3 }, ['a', 'bb', 'ccc', 'dddd', 'eeeee']);
      assert.deepEqual(await counters(device, container), { cni: 3, cbs: 12, st: 5 });
      assert.deepEqual(await oldest(device, container), instances[2]);
      await device.must(4004, { op: 2, to: String(instances[0]?.ri) });
    });

    it('TS-0001 9.6.6: beyond mbs as many of the oldest go as must', async (t) => {
      const { device, container } = await filled(t, { mbs: 10 }, ['aaaa', 'bbbb', 'cccccccc']);
      assert.deepEqual(await counters(device, container), { cni: 1, cbs: 8, st: 3 });
      assert.equal((await oldest(device, container)).con, 'cccccccc');
    });

    it('TS-0004 7.4.7.2: content larger than mbs is answered 5207 and changes nothing', async (t) => {
      const { device, container } = await filled(t, { mbs: 4 }, ['abc']);
      await device.must(5207, { op: 1, to: container, ty: 4, pc: { 'm2m:cin': { con: 'abcde' } } });
      assert.deepEqual(await counters(device, container), { cni: 1, cbs: 3, st: 1 });
    });

    it('TS-0004 7.4.6: an UPDATE that lowers mni lets the oldest go at once', async (t) => {
      const { device, container } = await filled(t, {}, ['1', '2', '3', '4']);
      await device.must(2004, { op: 3, to: container, pc: { 'm2m:cnt': { mni: 2 } } });
      assert.deepEqual(await counters(device, container), { cni: 2, cbs: 2, st: 5 });
      assert.equal((await oldest(device, container)).con, '3');
      const left = await system.retrieve(device, container, 'm2m:cnt', { rcn: 8 });
      assert.deepEqual(
        (left['m2m:cin'] as Resource[]).map(({ con }) => con),
        ['3', '4'],
      );
    });

    it('TS-0004 7.4.7.5: a deleted instance is no longer counted; la and ol move', async (t) => {
      const { device, container, instances } = await filled(t, {}, ['a', 'bb', 'ccc']);
      await device.must(2002, { op: 4, to: String(instances[2]?.ri) });
      assert.deepEqual(await latest(device, container), instances[1]);
      await device.must(2002, { op: 4, to: `${container}/ol` });
      assert.deepEqual(await oldest(device, container), instances[1]);
      assert.deepEqual(await counters(device, container), { cni: 1, cbs: 2, st: 3 });
    });

    it('TS-0004 7.4.27: la takes neither CREATE nor UPDATE (4005)', async (t) => {
      const { device, container } = await filled(t, {}, ['a']);
      await device.must(4005, { op: 1, to: `${container}/la`, ty: 4, pc: { 'm2m:cin': { con: 'x' } } });
      await device.must(4005, { op: 3, to: `${container}/la`, pc: { 'm2m:cin': { lbl: ['x'] } } });
    });

    it('TS-0001 9.6.6: with disr instances are neither retrieved nor deleted, and switched off it clears them', async (t) => {
      const { device, container, instances } = await filled(t, { disr: true }, ['a', 'b']);
      const address = String(instances[0]?.ri);
      await device.must(4005, { op: 2, to: address });
      await device.must(4005, { op: 4, to: address });
      await device.must(4005, { op: 2, to: `${container}/la` });
      await device.must(2004, { op: 3, to: container, pc: { 'm2m:cnt': { disr: false } } });
      await device.must(4004, { op: 2, to: address });
      assert.deepEqual(await counters(device, container), { cni: 0, cbs: 0, st: 3 });
    });

    it('TS-0001 9.6.6: containers nest, and count only their own instances', async (t) => {
      const { ae, device, container } = await filled(t, {}, ['outer']);
      const inner = await system.container(ae, {}, container);
      await system.instance(device, inner, 'one');
      await system.instance(device, inner, 'two');
      assert.deepEqual(await counters(device, container), { cni: 1, cbs: 5, st: 1 });
      assert.deepEqual(await counters(device, inner), { cni: 2, cbs: 6, st: 2 });
    });

    it('TS-0004 7.3.3.3: what cannot be created is answered by its code', async (t) => {
      const { ae, device, container } = await filled(t, {}, []);
      const name = container.split('/').at(-1);
      const create = (ty: number, pc: object, to = ae.path) => ({ op: 1, to, ty, pc });
      await device.must(4105, create(3, { 'm2m:cnt': { rn: name } }));
      await device.must(4105, create(3, { 'm2m:cnt': { rn: 'la' } }, container));
      await device.must(4000, create(3, { 'm2m:cnt': { unheard: 1 } }));
      await device.must(4000, create(3, { 'm2m:cnt': { ri: 'mine' } }));
      await device.must(4000, create(3, { 'm2m:cnt': { mni: -1 } }));
      await device.must(4000, create(3, { 'm2m:cnt': { mni: 'three' } }));
      await device.must(4000, create(3, { 'm2m:cin': { con: 'x' } }));
      await device.must(4000, create(4, { 'm2m:cin': {} }, container));
      await device.must(4000, { op: 1, to: ae.path, ty: 3 });
      await device.must(4108, create(4, { 'm2m:cin': { con: 'x' } }));
      await device.must(5001, create(28, { 'm2m:fcnt': { cnd: 'x' } }));
      await device.must(4004, create(3, { 'm2m:cnt': {} }, `${ae.path}/nowhere`));
    });
  });

  describe('content fidelity', () => {
    const contents: [string, string][] = [
      ['digits of numbers', '12345678901234567890.123456789'],
      ['exponents as written', '1.50E+3'],
      ['order of keys, also of numbers', '{"b":1,"10":2,"9":{"z":0,"a":[]}}'],
      ['escapes and emoji', '"tab\\t quote\\" snow ☃ \\ud83d\\ude00"'],
      ['names that objects are wary of', '{"__proto__":{"x":1},"constructor":"y"}'],
      ['deep lists', '[[[[1]]],[],{}]'],
      ['false', 'false'],
      ['zero with its sign', '-0.0'],
    ];
    for (const [what, text] of contents) {
      it(`decisions "Content fidelity": con comes back as it was sent: ${what}`, async (t) => {
        const { device, container } = await filled(t, {}, []);
        const topic = `/oneM2M/req/${device.level}/${device.cse}/json`;
        const head = (rqi: string) => `"fr":"${device.level}","rqi":"${rqi}","rvi":"3"`;
        const creation = `{"op":1,"to":"${container}","ty":4,${head('c1')},"pc":{"m2m:cin":{"con":${text}}}}`;
        const created = await device.exchange(topic, creation);
        const { text: shown } = await device.exchange(topic, `{"op":2,"to":"${container}/la",${head('r1')}}`);
        // Strings may be escaped otherwise; everything else stands there letter by letter.
        const expected = text.startsWith('"') ? JSON.stringify(JSON.parse(text)) : text;
        for (const answer of [created.text, shown]) {
          assert.ok(answer.includes(`"con":${expected}`), `${expected} is not in ${answer}`);
        }
      });
    }

    it('decisions "Content fidelity": NUL is answered 4000', async (t) => {
      const { device, container } = await filled(t, {}, []);
      await device.must(4000, { op: 1, to: container, ty: 4, pc: { 'm2m:cin': { con: 'a\u0000b' } } });
    });

    it('TS-0004 7.4.7.2: null is no content (4000), an empty string is one', async (t) => {
      const { device, container } = await filled(t, {}, ['']);
      assert.equal((await latest(device, container)).con, '');
      await device.must(4000, { op: 1, to: container, ty: 4, pc: { 'm2m:cin': { con: null } } });
    });
  });
}
