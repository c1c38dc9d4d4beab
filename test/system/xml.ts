/** XML from end to end (TS-0004 8.3). What is compared is what a reader of XML sees, by the names of the elements. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Device } from './device.ts';
import type { System } from './system.ts';

const names = 'xmlns:m2m="http://www.onem2m.org/xml/protocols"';

export function xmlTests(system: System): void {
  async function speaker(t: TestContext, attributes: object = {}) {
    const ae = await system.ae(t, { attributes: { ...attributes } });
    const topic = `/oneM2M/req/${ae.stem}/${system.cse.level}/xml`;
    let requests = 0;
    /** Sends a request with these elements and gives the text of its answer. */
    const ask = async (elements: string): Promise<string> => {
      const rqi = `x${++requests}`;
      const document = `<?xml version="1.0"?><m2m:rqp ${names}><fr>${ae.stem}</fr><rqi>${rqi}</rqi><rvi>3</rvi>${elements}</m2m:rqp>`;
      await ae.device.publish(topic, document);
      const wanted = (text: string) => text.includes(`<rqi>${rqi}</rqi>`);
      const { topic: at, text } = await ae.device.arrived(`the answer to ${rqi}`, (each) => wanted(each.text));
      assert.equal(at, topic.replace('/req/', '/resp/'));
      return text;
    };
    return { ...ae, ask };
  }
  const textOf = (document: string, element: string) =>
    new RegExp(`<${element}>([^<]*)</${element}>`).exec(document)?.[1];

  describe('XML', () => {
    it('TS-0004 8.3: CREATE, RETRIEVE, UPDATE and DELETE; JSON shows the same resources', async (t) => {
      const { device, path, ask } = await speaker(t);
      const created = await ask(
        `<op>1</op><to>${path}</to><ty>3</ty><pc><m2m:cnt rn="tank"><lbl>north wet</lbl><mni>9</mni></m2m:cnt></pc>`,
      );
      assert.equal(textOf(created, 'rsc'), '2001');
      assert.match(created, /<m2m:rsp [^>]*xmlns:m2m="http:\/\/www.onem2m.org\/xml\/protocols"/);
      assert.match(created, /<m2m:cnt [^>]*rn="tank"/);
      const { lbl, mni } = await system.retrieve(device, `${path}/tank`, 'm2m:cnt');
      assert.deepEqual({ lbl, mni }, { lbl: ['north', 'wet'], mni: 9 });
      const updated = await ask(`<op>3</op><to>${path}/tank</to><pc><m2m:cnt><lbl/><mni>7</mni></m2m:cnt></pc>`);
      assert.equal(textOf(updated, 'rsc'), '2004');
      assert.equal(textOf(updated, 'mni'), '7');
      assert.equal((await system.retrieve(device, `${path}/tank`, 'm2m:cnt')).lbl, undefined);
      assert.equal(textOf(await ask(`<op>4</op><to>${path}/tank</to>`), 'rsc'), '2002');
      assert.equal(textOf(await ask(`<op>2</op><to>${path}/tank</to>`), 'rsc'), '4004');
    });

    it('TS-0004 8.3: an instance that one serialization wrote, the other reads', async (t) => {
      const ae = await speaker(t);
      const container = await system.container(ae);
      const content = 'a &lt;b&gt; &amp; "c" ☃';
      await ae.ask(`<op>1</op><to>${container}</to><ty>4</ty><pc><m2m:cin><con>${content}</con></m2m:cin></pc>`);
      assert.equal((await system.retrieve(ae.device, `${container}/la`, 'm2m:cin')).con, 'a <b> & "c" ☃');
      await system.instance(ae.device, container, 'x < y & z');
      assert.equal(textOf(await ae.ask(`<op>2</op><to>${container}/la</to>`), 'con'), 'x &lt; y &amp; z');
    });

    it('TS-0004 8.3: discovery gives a list in one element', async (t) => {
      const ae = await speaker(t);
      const container = await system.container(ae);
      const other = await system.container(ae);
      const found = await ae.ask(`<op>2</op><to>${ae.path}</to><fc><ty>3</ty><fu>1</fu></fc>`);
      assert.deepEqual(textOf(found, 'm2m:uril')?.split(' ').toSorted(), [container, other].toSorted());
    });

    it('TS-0004 7.3.2.1: a registration in XML', async (t) => {
      const device = await system.device(t);
      const document = `<m2m:rqp ${names}><op>1</op><to>${system.base}</to><fr>${device.level}</fr><rqi>x</rqi><ty>2</ty><pc><m2m:ae rn="${device.level}"><api>Ntest</api><rr>true</rr><srv>3</srv></m2m:ae></pc><rvi>3</rvi></m2m:rqp>`;
      const { text } = await device.exchange(`/oneM2M/req/${device.level}/${device.cse}/xml`, document);
      assert.equal(textOf(text, 'rsc'), '2001', text);
      assert.equal(textOf(text, 'aei'), device.level);
    });

    it('TS-0004 7.4.8.1: an AE whose csz prefers XML is notified in XML, and answers so', async (t) => {
      const owner = await system.ae(t);
      const subscriber = await speaker(t, { csz: ['application/xml'] });
      answerInXml(subscriber.device);
      const container = await system.container(owner);
      await system.subscription(owner, container, { nu: [subscriber.stem], enc: { net: [3] } });
      await system.instance(owner.device, container, 'hello');
      const { topic, text } = await subscriber.device.arrived('the notification', (each) => /<con>/.test(each.text));
      assert.equal(topic, `/oneM2M/req/${system.cse.level}/${subscriber.stem}/xml`);
      assert.equal(textOf(text, 'con'), 'hello');
      assert.equal(textOf(text, 'net'), '3');
      await system.instance(owner.device, container, 'again');
      await subscriber.device.arrived('the next one', (each) => textOf(each.text, 'con') === 'again');
    });

    for (const [what, document] of [
      ['is not well-formed', '<m2m:rqp><op>2</m2m:rqp>'],
      ['declares entities', '<!DOCTYPE x [<!ENTITY e "boom">]><m2m:rqp><op>&e;</op></m2m:rqp>'],
      ['is another document', '<html/>'],
    ] as const) {
      it(`decisions "Wire": a document that ${what} is answered 4000 in XML`, async (t) => {
        const { device, stem } = await system.ae(t);
        const { text } = await device.exchange(`/oneM2M/req/${stem}/${device.cse}/xml`, document);
        assert.equal(textOf(text, 'rsc'), '4000');
        assert.doesNotMatch(text, /boom/);
      });
    }
  });

  /** A device of XML answers everything 2000. */
  function answerInXml(device: Device): void {
    device.heard = ({ topic, text }) => {
      const rqi = textOf(text, 'rqi');
      if (!topic.startsWith('/oneM2M/req/') || rqi === undefined) return;
      const document = `<m2m:rsp ${names}><rsc>2000</rsc><rqi>${rqi}</rqi><rvi>3</rvi></m2m:rsp>`;
      device.publish(topic.replace('/req/', '/resp/'), document).catch(() => {}); // The test has ended.
    };
  }
}
