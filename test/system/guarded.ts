/** Who gets in by which credential, made by the commands of an operator, and what a thief gets (promise 4). */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { connectAsync, type IClientOptions } from 'mqtt';
import { commandLine } from '../../infra/local/cluster-process.ts';
import type { GuardedCluster } from '../../services/cli/cluster/guarded-cluster.ts';
import { credentialOf, passwordOf } from '../fixtures/broker-access/credentials.ts';
import { Visitor } from '../parts/guarded-broker.ts';
import { aeOf } from './admitted.ts';
import { type Answer, type Device, until } from './device.ts';
import { contentOf, type System } from './system.ts';

const run = promisify(execFile);

/** ms: longer than any test. */
const never = 3_600_000;

interface Login {
  username: string;
  password: string;
}

export function guardedTests(system: System, running: () => GuardedCluster): void {
  const logins = new Map<string, Login>();
  const ca = () => readFileSync(running().security.certificates.caFile);

  async function inCse(...args: string[]): Promise<string> {
    const env = { PATH: process.env.PATH, ...running().operatorEnvironment };
    return (await run(process.execPath, commandLine(...args), { env })).stdout;
  }

  /** By `in-cse credentials`; the answer holds the password. */
  async function credentials(...args: string[]): Promise<Login> {
    const { name, password } = JSON.parse(await inCse('credentials', ...args, '--json')) as Record<string, string>;
    return { username: name ?? '', password: password ?? '' };
  }

  async function device(t: TestContext, stem: string): Promise<Device> {
    const login = logins.get(stem);
    assert.ok(login !== undefined);
    return system.device(t, stem, { tls: { ca: ca() }, login });
  }

  async function byCertificate(t: TestContext, stem: string): Promise<Device> {
    const { security } = running();
    const { certFile, keyFile } = await security.certificates.issueClient(`${stem}@${system.cse.level}`);
    const tls = { ca: ca(), cert: readFileSync(certFile), key: readFileSync(keyFile) };
    return system.device(t, stem, { url: security.guard.certificateUrl, tls, login: undefined });
  }

  const registration = (rn: string) => ({
    op: 1,
    to: system.base,
    ty: 2,
    pc: { 'm2m:ae': { rn, api: 'Ntest', rr: true, srv: ['3'] } },
  });

  async function register(of: Device): Promise<string> {
    const rn = system.newName('ae');
    const { rsc } = await of.request(registration(rn));
    assert.ok(rsc === 2001 || rsc === 4117, `${rsc}`);
    if (rsc === 2001) return `${system.base}/${rn}`;
    const { rn: known } = await system.retrieve(of, of.level, 'm2m:ae');
    return `${system.base}/${String(known)}`;
  }

  async function container(of: Device): Promise<string> {
    const parent = await register(of);
    const rn = system.newName('cnt');
    await of.must(2001, { op: 1, to: parent, ty: 3, pc: { 'm2m:cnt': { rn } } });
    return `${parent}/${rn}`;
  }

  /**
   * After a restart Mosquitto 2.0.11 has lost the shared subscriptions of sessions that it kept, and drops what comes until
   * each receiving connection has noticed. Requests go to these in turn.
   */
  async function settled(of: Device): Promise<void> {
    await until('every receiving connection delivers again', async () => {
      for (let turn = 0; turn < 4; turn++) {
        const answer = of.request({ op: 2, to: of.level }, { every: never, within: 700 });
        if (!(await answer.catch(() => undefined))) return false;
      }
      return true;
    });
  }

  /** Each sent once only: what is lost fails the test. */
  async function createAll(of: Device, to: string, count: number): Promise<void> {
    for (let done = 0; done < count; done += 20) {
      const each = Array.from({ length: 20 }, (_, at) => ({ op: 1, to, ty: 4, pc: { 'm2m:cin': { con: done + at } } }));
      await Promise.all(each.map((request) => of.must(2001, request, { every: never })));
    }
  }

  describe('promise 4: credentials of a whole path', () => {
    before(async () => {
      await credentials('create', 'ae', 'Smeter', '--certificate-only', '--cse-id', '/id-in');
      const novice = ['registration', 'novice-7', '--as', 'Cnovice', '--cse-id', '/id-in'];
      logins.set('Cnovice', await credentials('create', ...novice));
      // What the command does is proven by these two.
      const registrant = {
        ...aeOf('novice-8'),
        kind: 'registration',
        levels: [],
        credentialLevel: 'novice-8',
      } as const;
      for (const identity of [aeOf('Cvictim'), aeOf('Cthief'), aeOf('Cleaver'), registrant]) {
        const credential = credentialOf(identity);
        await running().credentials.change(identity.name, () => credential);
        logins.set(identity.levels[0] ?? 'novice-8', { username: identity.name, password: passwordOf(identity) });
      }
      const renewal = await running().renewAccess();
      assert.equal(renewal, running().security.guard.name === 'mosquitto' ? 'restarted' : 'told');
    });

    it('a certificate: an AE registers by its own AE-ID, creates, reads, changes, deletes; another is told and answers', async (t) => {
      const meter = await byCertificate(t, 'Smeter');
      const victim = await device(t, 'Cvictim');
      await register(victim);
      await settled(victim);
      const box = await container(meter);
      const sub = { nu: ['Cvictim'], enc: { net: [3], chty: [4] }, exc: 1 };
      await meter.must(2001, { op: 1, to: box, ty: 23, pc: { 'm2m:sub': { rn: 'sub', ...sub } } });
      await system.instance(meter, box, 'told');
      const [notice] = await victim.noticed(1);
      assert.equal(notice?.nev?.rep?.['m2m:cin']?.con, 'told');
      assert.equal(victim.questions.at(-1)?.topic, `/oneM2M/req/${system.cse.level}/Cvictim/json`);
      // Only an answer that arrives counts one down.
      await until('its answer counts', async () => (await meter.request({ op: 2, to: `${box}/sub` })).rsc === 4004);
      await meter.must(2004, { op: 3, to: box, pc: { 'm2m:cnt': { lbl: ['changed'] } } });
      const { lbl, cni } = await system.retrieve(meter, box, 'm2m:cnt');
      assert.deepEqual([lbl, cni], [['changed'], 1]);
      await meter.must(2002, { op: 4, to: box });
      await meter.must(4004, { op: 2, to: box });
    });

    it('a registration credential (--as): it registers on reg_req and then speaks as its AE', async (t) => {
      const novice = await device(t, 'Cnovice');
      const { level } = system.cse;
      await novice.subscribe(`/oneM2M/reg_resp/novice-7/${level}/#`);
      const request = { ...registration(system.newName('ae')), fr: 'Cnovice', rqi: 'first', rvi: '3' };
      const { topic, text } = await novice.exchange(`/oneM2M/reg_req/novice-7/${level}/json`, JSON.stringify(request));
      assert.equal(topic, `/oneM2M/reg_resp/novice-7/${level}/json`);
      assert.equal(contentOf(JSON.parse(text) as Answer, 'm2m:ae').aei, 'Cnovice');
      await system.instance(novice, await container(novice), 'mine');
    });

    it('a registration credential alone: in-cse create ae gets an AE-ID of the CSE, and can do nothing else', async () => {
      const login = logins.get('novice-8');
      const { caFile } = running().security.certificates;
      const [url = ''] = running().mqttUrls;
      const address = url.replace('://', `://${login?.username}:${login?.password}@`);
      const connection = ['--url', address, '--ca', caFile, '--tries', '1', '--timeout', '20'];
      const text = await inCse(
        'create',
        'ae',
        '--credential-id',
        'novice-8',
        '--name',
        'novice8',
        '--json',
        ...connection,
      );
      assert.match(text, /"aei":"[CS]/);
      await assert.rejects(inCse('retrieve', system.base, '--from', 'Cvictim', ...connection), { code: 3 });
    });

    it('who has another’s name, password or nothing does not get in', async () => {
      const thief = logins.get('Cthief');
      const wrong: IClientOptions[] = [{}, { ...thief, username: 'Cvictim@id-in' }, { ...thief, password: 'wrong' }];
      for (const options of wrong) {
        await assert.rejects(visit(options), /refused|not authorized|closed/i);
      }
    });

    it('a thief reads nothing, changes nothing and takes nothing away while others are served', async (t) => {
      const victim = await device(t, 'Cvictim');
      const box = await container(victim);
      const { level } = system.cse;
      const filters = [
        `/oneM2M/resp/Cvictim/${level}/#`,
        `/oneM2M/req/${level}/Cvictim/#`,
        `/oneM2M/req/+/${level}/#`,
        `/oneM2M/reg_resp/+/${level}/#`,
        `$share/in-cse//oneM2M/req/+/${level}/#`,
        `$share/in-cse//oneM2M/resp/${level}/#`,
        `$share/other//oneM2M/req/+/${level}/#`,
        `$share/in-cse//oneM2M/req/Cvictim/${level}/#`,
        '/oneM2M/#',
        '+/oneM2M/#',
        '#',
      ];
      const thief = new Thief(t, () => visit(logins.get('Cthief') ?? {}));
      for (const filter of filters) {
        await thief.read(filter);
        // He has what he got while these are under way.
        await createAll(victim, box, 20);
      }
      assert.deepEqual(thief.loot, []);
      assert.equal((await system.retrieve(victim, box, 'm2m:cnt')).cni, 20 * filters.length);
    });

    it('what a thief says in the name of another arrives nowhere, and nothing is stored', async (t) => {
      const victim = await device(t, 'Cvictim');
      const box = await container(victim);
      const { level } = system.cse;
      const forged = {
        op: 1,
        to: box,
        ty: 4,
        fr: 'Cvictim',
        rqi: 'forged',
        rvi: '3',
        pc: { 'm2m:cin': { con: 'forged' } },
      };
      const notify = { op: 5, to: 'Cvictim', fr: `/${level}`, rqi: 'forged', rvi: '3' };
      const said: [string, object, boolean?][] = [
        [`/oneM2M/req/Cvictim/${level}/json`, forged],
        [`/oneM2M/req/${level}:Cvictim/${level}/json`, { ...forged, fr: `/${level}/Cvictim` }],
        [`/oneM2M/req/CAdmin/${level}/json`, { op: 4, to: box, fr: 'CAdmin', rqi: 'forged', rvi: '3' }],
        [
          `/oneM2M/reg_req/novice-8/${level}/json`,
          { ...registration('forged'), fr: 'Cforged', rqi: 'forged', rvi: '3' },
        ],
        [`/oneM2M/req/${level}/Cvictim/json`, notify],
        [`/oneM2M/resp/Cvictim/${level}/json`, { rsc: 2000, rqi: 'forged', rvi: '3' }],
        [`/oneM2M/resp/${level}/Cvictim/json`, { rsc: 2000, rqi: 'forged', rvi: '3' }],
        [`/oneM2M/req/Cthief/${level}/json`, { ...forged, fr: 'Cthief' }, true],
      ];
      const thief = new Thief(t, () => visit(logins.get('Cthief') ?? {}));
      for (const [topic, primitive, retain] of said) await thief.say(topic, JSON.stringify(primitive), retain);
      // On his own topic he is himself.
      await thief.say(`/oneM2M/req/Cthief/${level}/json`, JSON.stringify(forged));
      await createAll(victim, box, 20);
      assert.equal((await system.retrieve(victim, box, 'm2m:cnt')).cni, 20);
      assert.ok(!victim.messages.some(({ text }) => text.includes('forged')), 'nothing of it comes to the victim');
      await victim.must(4004, { op: 2, to: `${system.base}/forged` });
    });

    it('the client id of an ingress takes no session over', async (t) => {
      const victim = await device(t, 'Cvictim');
      const box = await container(victim);
      for (const connection of [0, 1]) {
        const thief = await visit({
          ...logins.get('Cthief'),
          clientId: `C::in-cse~ingress-1.${connection}`,
          clean: false,
        });
        await createAll(victim, box, 20);
        assert.deepEqual(thief.received, []);
        await thief.leave();
      }
    });

    it('rotated and revoked by command: the old password ends, others are served', async (t) => {
      const isMosquitto = running().security.guard.name === 'mosquitto';
      const before = logins.get('Cleaver') ?? assert.fail();
      const now = await credentials('rotate', before.username, '--overlap', '0');
      assert.equal(await running().renewAccess(), 'told');
      const leaver = await until('the new password counts', () => visit(now).catch(() => undefined));
      await assert.rejects(visit(before));
      await inCse('credentials', 'revoke', before.username);
      assert.equal(await running().renewAccess(), isMosquitto ? 'restarted' : 'told');
      await until('the revoked one is thrown out', () => leaver.closed);
      await assert.rejects(visit(now));
      assert.equal(await running().renewAccess(), 'unchanged');
      const victim = await device(t, 'Cvictim');
      const box = await container(victim);
      await settled(victim);
      await createAll(victim, box, 20);
    });
  });

  /** Without the patience of a device: what is refused ends there. */
  async function visit(options: IClientOptions): Promise<Visitor> {
    const [url = ''] = running().mqttUrls;
    const client = await connectAsync(url, { ca: ca(), protocolVersion: 4, reconnectPeriod: 0, ...options }, false);
    return new Visitor(client);
  }
}

/** Who comes back whenever he is thrown out. */
class Thief {
  readonly #come: () => Promise<Visitor>;
  readonly #visits: Visitor[] = [];

  constructor(t: TestContext, come: () => Promise<Visitor>) {
    this.#come = come;
    t.after(() => Promise.all(this.#visits.map((visitor) => visitor.leave())));
  }

  get loot(): Visitor['received'] {
    return this.#visits.flatMap(({ received }) => received);
  }

  async read(filter: string): Promise<void> {
    assert.equal(await (await this.#inside()).subscribe(filter), false, filter);
  }

  /** Resolves when the broker has taken it, whatever it does with it, or has ended the connection. */
  async say(topic: string, payload: string, retain = false): Promise<void> {
    await (await this.#inside()).publish(topic, payload, retain);
  }

  async #inside(): Promise<Visitor> {
    const last = this.#visits.at(-1);
    if (last !== undefined && !last.closed) return last;
    const visitor = await this.#come();
    this.#visits.push(visitor);
    return visitor;
  }
}
