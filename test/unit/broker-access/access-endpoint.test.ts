/** The endpoint over real HTTP, asked as EMQX asks: every row of the table, and whatever is not in order is denied with 200. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  type AccessEndpoint,
  createAccessEndpoint,
  secretHeader,
} from '../../../services/broker-access/access-endpoint.ts';
import type { AccessReply } from '../../../services/broker-access/answer-question.ts';
import { coversFilter } from '../../../services/core/broker-access/filters.ts';
import { createSystemChance, createSystemClock } from '../../../services/platform/system-clock.ts';
import { identities, type Who } from '../../fixtures/broker-access/identities.ts';
import { type AccessRow, accessRows, titleOf } from '../../fixtures/broker-access/rows.ts';
import { accessStage, passwordOf, type Stage } from './support.ts';

const secret = 'of the broker';
const { pump } = identities;

describe('the HTTP endpoint', () => {
  let stage: Stage;
  let endpoint: AccessEndpoint;
  let port: number;
  const counted: string[] = [];
  before(async () => {
    stage = await accessStage();
    endpoint = createAccessEndpoint({
      access: stage.access,
      clock: createSystemClock(),
      chance: createSystemChance(),
      withRules: true,
      sessionLimit: 3_600_000,
      host: '127.0.0.1',
      port: 0,
      certificate: undefined,
      demandCertificate: false,
      secret: () => secret,
      answered: (path, { result }) => counted.push(`${path} ${result}`),
    });
    port = await endpoint.start();
  });
  after(async () => {
    stage.list.stop();
    await endpoint.stop();
  });

  async function ask(path: string, body: unknown, more: RequestInit = {}): Promise<AccessReply> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [secretHeader]: secret },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...more,
    });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    return (await response.json()) as AccessReply;
  }
  const login = (who: Who) => ({ username: identities[who].name, password: passwordOf(identities[who]) });
  const question = ({ who, action, topic, retain = false }: AccessRow) => ({
    username: identities[who].name,
    action,
    topic,
    qos: 1,
    retain,
  });
  /** As EMQX has it: of a shared subscription it asks about the filter alone. */
  const unshared = (topic: string) => topic.replace(/^\$(share\/[^/]+|queue)\//, '');
  const ofEmqx = (row: AccessRow) => row.unless?.brokers.includes('emqx') !== true;

  for (const row of accessRows.filter(ofEmqx)) {
    it(`authorize: ${titleOf(row)}${row.retain === true ? ', retained' : ''}`, async () => {
      const { result } = await ask('/authorize', question(row));
      assert.equal(result, row.allowed ? 'allow' : 'deny');
      const asked = await ask('/authorize', question({ ...row, topic: unshared(row.topic) }));
      assert.equal(asked.result, row.allowed ? 'allow' : 'deny');
    });
  }

  for (const row of accessRows.filter(({ who }) => who !== 'service' && who !== 'orphan').filter(ofEmqx)) {
    it(`acl of authenticate: ${titleOf(row)}${row.retain === true ? ', retained' : ''}`, async () => {
      const { acl = [] } = await ask('/authenticate', login(row.who));
      const topic = unshared(row.topic);
      // Top-down, the first that matches counts (EMQX "Authorization"); none matching is not meant to happen.
      const first = acl.find(
        ({ action, topic: filter, retain }) =>
          (action === row.action || action === 'all') &&
          (retain === undefined || retain === (row.retain ?? false)) &&
          coversFilter(filter, topic),
      );
      // $CONTROL is a thing of Mosquitto and a plain topic for EMQX, which has `no_match = deny` for the rest.
      if (topic.startsWith('$CONTROL')) assert.equal(first, undefined);
      else assert.equal(first?.permission, row.allowed ? 'allow' : 'deny');
    });
  }

  it('authenticate: allow with what EMQX 5.8 takes, and when to ask again', async () => {
    const reply = await ask('/authenticate', { ...login('pump'), clientid: 'x', peerhost: '10.0.0.1' });
    assert.equal(reply.result, 'allow');
    assert.equal(reply.is_superuser, false);
    const seconds = Math.floor(Date.now() / 1000);
    const { expire_at: expires = 0 } = reply;
    assert.ok(
      Number.isInteger(expires) && expires >= seconds + 2879 && expires <= seconds + 3601,
      `${expires - seconds}`,
    );
    for (const rule of reply.acl ?? [])
      assert.match(`${rule.permission} ${rule.action}`, /^(allow|deny) (publish|subscribe|all)$/);
    const service = await ask('/authenticate', { ...login('service'), clientid: 'C::in-cse~ingress-1' });
    assert.deepEqual([service.result, service.acl, service.is_superuser], ['allow', undefined, false]);
  });

  it('authenticate: a certificate that the broker has verified, by its common name', async () => {
    const words = { username: 'undefined', password: 'undefined' };
    assert.equal((await ask('/authenticate', { cert_common_name: pump.name })).result, 'allow');
    assert.equal((await ask('/authenticate', { ...words, cert_common_name: pump.name })).result, 'allow');
    assert.equal((await ask('/authenticate', { ...login('valve'), cert_common_name: pump.name })).result, 'deny');
    assert.equal((await ask('/authenticate', { ...words, cert_common_name: 'undefined' })).result, 'deny');
  });

  const deniedLogins: [what: string, body: unknown][] = [
    ['a wrong password', { username: pump.name, password: 'x' }],
    ['an unknown name', { username: 'nobody', password: 'x' }],
    ['no name', { password: 'x' }],
    ['a CSE that is not hosted', login('orphan')],
    ['the client id of an ingress', { ...login('pump'), clientid: 'C::in-cse~ingress-1' }],
    ['a name with a wildcard', { username: '+', password: 'x' }],
    ['a name that is no text', { username: { a: 1 }, password: 'x' }],
    ['a password that is a number', { username: pump.name, password: 5 }],
    ['no object', [login('pump')]],
    ['nothing', ''],
    ['no JSON', '{"username":'],
    ['a prototype', '{"__proto__":{"username":"Cpump@id-in","password":"password of Cpump@id-in"}}'],
    ['more than 8 KB', { ...login('pump'), clientid: 'x'.repeat(9000) }],
  ];
  for (const [what, body] of deniedLogins) {
    it(`authenticate: ${what} is denied`, async () => {
      assert.deepEqual(await ask('/authenticate', body), { result: 'deny' });
    });
  }

  const deniedQuestions: [what: string, body: unknown][] = [
    ['an unknown name', { username: 'nobody', action: 'publish', topic: 'a', retain: false }],
    ['an action that is none', { username: pump.name, action: 'all', topic: 'a', retain: false }],
    ['no topic', { username: pump.name, action: 'subscribe' }],
    [
      'a publish that does not say whether it is retained',
      { username: pump.name, action: 'publish', topic: '/oneM2M/req/Cpump/id-in/json' },
    ],
    ['no object', 'null'],
  ];
  for (const [what, body] of deniedQuestions) {
    it(`authorize: ${what} is denied`, async () => {
      assert.deepEqual(await ask('/authorize', body), { result: 'deny' });
    });
  }

  it('answers nobody who does not know the secret, and says no more to him', async () => {
    const before = stage.checks.matched;
    for (const headers of [{}, { [secretHeader]: '' }, { [secretHeader]: 'guess' }] as Record<string, string>[]) {
      assert.deepEqual(await ask('/authenticate', login('pump'), { headers }), { result: 'deny' });
    }
    assert.equal(stage.checks.matched, before);
    assert.equal(counted.at(-1), 'authenticate secret');
  });

  it('denies on other paths and by other methods, where EMQX would take 404 for a shrug', async () => {
    assert.equal((await ask('/', login('pump'))).result, 'deny');
    assert.equal((await ask('/authenticate/x', login('pump'))).result, 'deny');
    const { body: _, ...get } = { method: 'GET', headers: { [secretHeader]: secret }, body: null };
    assert.equal((await ask('/authenticate', '', { ...get, body: null })).result, 'deny');
  });

  it('denies while credentials cannot be known', async () => {
    const away = await accessStage({ believedFor: 1 });
    away.store.away = true;
    const other = createAccessEndpoint({
      access: away.access,
      clock: createSystemClock(),
      chance: createSystemChance(),
      withRules: true,
      sessionLimit: 0,
      host: '127.0.0.1',
      port: 0,
      certificate: undefined,
      demandCertificate: false,
      secret: () => undefined,
      answered: (path, { result }) => counted.push(`${path} ${result}`),
    });
    const at = await other.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const response = await fetch(`http://127.0.0.1:${at}/authenticate`, {
      method: 'POST',
      body: JSON.stringify(login('pump')),
    });
    assert.deepEqual([response.status, await response.json()], [200, { result: 'deny' }]);
    assert.equal(counted.at(-1), 'authenticate unavailable');
    away.list.stop();
    await other.stop();
  });

  it('keeps a connection for more than one question, also behind a body that was too long', async () => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (data) => {
      received += data.toString();
    });
    const request = (body: string) =>
      `POST /authenticate HTTP/1.1\r\nHost: x\r\n${secretHeader}: ${secret}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const good = JSON.stringify(login('pump'));
    socket.write(request(good) + request(good));
    const answers = () => received.match(/"result":"allow"/g)?.length ?? 0;
    for (let time = 0; answers() < 2 && time < 500; time++) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(answers(), 2);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    // The second request stands within the body that is not read to its end: it must not be taken for a question.
    socket.write(request('x'.repeat(20_000) + request(good)));
    await ended;
    assert.equal(answers(), 2);
    assert.match(received, /"result":"deny"/);
  });
});
