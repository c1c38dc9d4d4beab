/** What the devices of a history do. */
import type { Answer, Device } from './device.ts';
import type { Random } from './random.ts';

/** Names that the scripts share. */
export interface Scene {
  random: Random;
  /** Until when the devices spread their work, ms of simulated time from the beginning. */
  span: number;
  /** How many instances an originator creates. */
  creates: number;
  /** Resolves when the policy and the shared container are there. */
  shared: Promise<void>;
  /** Told when something must not have been answered so. */
  problem(promise: string, text: string): void;
  /** Wall of simulated time. */
  now(): number;
}

const sharedContainer = 'cse-in/shared';
const policy = 'acpShared';
export const guest = 'Cguest';

function policyOf(members: readonly string[]): object {
  const originators = members.map((stem) => `/id-in/${stem}`);
  return { acr: [{ acor: originators, acop: 63 }] };
}

async function must(
  scene: Scene,
  device: Device,
  what: string,
  codes: readonly number[],
  answer: Promise<Answer>,
): Promise<Answer> {
  const got = await answer;
  if (!codes.includes(got.rsc)) {
    scene.problem('answer', `${device.level} got ${got.rsc} for ${what}: ${JSON.stringify(got.pc)}`);
  }
  return got;
}

function register(scene: Scene, device: Device, name: string): Promise<Answer> {
  const content = { rn: name, api: 'N1', rr: true, srv: ['3'] };
  const request = { op: 1, to: 'cse-in', ty: 2, pc: { 'm2m:ae': content } };
  return must(scene, device, 'its registration', [2001], device.ask(request, scene.random.chance(0.2)));
}

function container(scene: Scene, device: Device, parent: string, content: object): Promise<Answer> {
  const request = { op: 1, to: parent, ty: 3, pc: { 'm2m:cnt': content } };
  return must(scene, device, `a container below ${parent}`, [2001], device.ask(request, scene.random.chance(0.2)));
}

function instance(device: Device, parent: string, con: string, storm = false): Promise<Answer> {
  return device.ask({ op: 1, to: parent, ty: 4, pc: { 'm2m:cin': { con } }, con }, storm);
}

/** The admin makes what all share, and then gives and takes rights. */
export async function admin(scene: Scene, device: Device, members: readonly string[]): Promise<{ grants: Grants }> {
  const grants: Grants = { changes: [] };
  await must(
    scene,
    device,
    'the policy',
    [2001],
    device.ask({
      op: 1,
      to: 'cse-in',
      ty: 1,
      pc: { 'm2m:acp': { rn: policy, pv: policyOf(members), pvs: policyOf(['CAdmin']) } },
    }),
  );
  const mni = scene.random.chance(0.5) ? { mni: scene.random.whole(1, 4) } : {};
  await container(scene, device, 'cse-in', { rn: 'shared', acpi: [`cse-in/${policy}`], ...mni });
  return { grants };
}

/** What the guest may do since when: between question and answer either is right. */
export interface Grants {
  changes: { allowed: boolean; askedAt: number; answeredAt: number }[];
}

export async function toggleGuest(
  scene: Scene,
  device: Device,
  members: readonly string[],
  grants: Grants,
): Promise<void> {
  let allowed = false;
  const times = scene.random.whole(2, 4);
  for (let time = 0; time < times; time++) {
    await device.rest(scene.random.between(200, scene.span / times));
    allowed = !allowed;
    const pv = policyOf(allowed ? [...members, guest] : members);
    const change = { allowed, askedAt: scene.now(), answeredAt: Number.POSITIVE_INFINITY };
    grants.changes.push(change);
    await must(
      scene,
      device,
      'a new policy',
      [2004],
      device.ask({ op: 3, to: `cse-in/${policy}`, pc: { 'm2m:acp': { pv } } }),
    );
    change.answeredAt = scene.now();
  }
}

/** Tries again and again; every answer must fit what had been granted when it asked and when it was answered. */
export async function guestTries(scene: Scene, device: Device, grants: Grants): Promise<void> {
  await scene.shared;
  const times = scene.creates * 2;
  for (let time = 0; time < times; time++) {
    await device.rest(scene.random.between(10, scene.span / times));
    const asked = scene.now();
    const con = `${device.level}#${time}`;
    const { rsc } = await instance(device, sharedContainer, con);
    const possible = allowedBetween(grants, asked, scene.now());
    if (rsc === 2001 && !possible.includes(true)) scene.problem('order', `${con} was created without a right`);
    if (rsc === 4103 && !possible.includes(false)) scene.problem('order', `${con} was refused in spite of a right`);
    if (rsc !== 2001 && rsc !== 4103) scene.problem('answer', `${con} got ${rsc}`);
  }
}

/** What may have held at some moment of a span of time. */
function allowedBetween({ changes }: Grants, from: number, to: number): boolean[] {
  let possible: boolean[] = [false];
  for (const { allowed, askedAt, answeredAt } of changes) {
    if (askedAt >= to) break;
    possible = answeredAt <= from ? [allowed] : [...possible, allowed];
  }
  return possible;
}

/** An AE with a container of its own, that creates there and in the shared one. */
export async function originator(scene: Scene, device: Device, name: string): Promise<void> {
  const { random } = scene;
  await device.rest(random.between(0, 1000));
  await register(scene, device, name);
  await scene.shared;
  const limits = random.chance(0.5) ? { mni: random.whole(1, 3) } : {};
  await container(scene, device, `cse-in/${name}`, { rn: 'c', acpi: [`cse-in/${policy}`], ...limits });
  const waits = random.chance(0.6);
  const open: Promise<unknown>[] = [];
  for (let turn = 0; turn < scene.creates; turn++) {
    // An address by AE-ID leads to another shard than it looks, and may overtake: only for who waits (promise 5).
    const own = waits && random.chance(0.3) ? `${device.level}/c` : `cse-in/${name}/c`;
    const to = random.chance(0.5) ? own : sharedContainer;
    const con = `${device.level}#${turn}`;
    const created = must(scene, device, con, [2001], instance(device, to, con, random.chance(0.15)));
    if (waits) {
      await created;
      if (random.chance(0.3)) await lookBack(scene, device, to, con);
      if (random.chance(0.2)) await label(scene, device, to, turn);
      if (random.chance(0.15)) await takeBack(scene, device, await created);
      await device.rest(random.chance(0.5) ? 0 : random.between(0, (2 * scene.span) / scene.creates));
    } else {
      open.push(created);
      await device.rest(random.chance(0.7) ? 0.01 : random.between(0, (2 * scene.span) / scene.creates));
    }
  }
  await Promise.all(open);
  if (waits && random.chance(0.3)) await beginAnew(scene, device, name);
}

/** Deletes an instance, which may have been evicted since. */
async function takeBack(scene: Scene, device: Device, { rsc, pc }: Answer): Promise<void> {
  const id = pc?.['m2m:cin']?.ri;
  if (rsc !== 2001 || typeof id !== 'string') return;
  await must(scene, device, `the end of ${id}`, [2002, 4004], device.ask({ op: 4, to: id }, scene.random.chance(0.2)));
}

/** Deletes a container with all that is in it, and has the name again at once (R13). */
async function beginAnew(scene: Scene, device: Device, name: string): Promise<void> {
  const { random } = scene;
  const to = `cse-in/${name}/c`;
  await must(scene, device, `the end of ${to}`, [2002], device.ask({ op: 4, to }, random.chance(0.2)));
  await must(scene, device, `${to} after its end`, [4004], device.ask({ op: 2, to }));
  await container(scene, device, `cse-in/${name}`, { rn: 'c', acpi: [`cse-in/${policy}`] });
  const con = `${device.level}#anew`;
  await must(scene, device, con, [2001], instance(device, to, con));
  await must(scene, device, `la of ${to}`, [2000], device.ask({ op: 2, to: `${to}/la` }));
}

/** After an answer everybody sees its effect: the newest instance is the own one, or one that came later. */
async function lookBack(scene: Scene, device: Device, to: string, con: string): Promise<void> {
  const { rsc, pc } = await must(scene, device, `la of ${to}`, [2000], device.ask({ op: 2, to: `${to}/la` }));
  const latest = pc?.['m2m:cin']?.con;
  if (rsc === 2000 && typeof latest === 'string') scene.problem('look', JSON.stringify({ con, latest }));
}

async function label(scene: Scene, device: Device, to: string, turn: number): Promise<void> {
  await must(
    scene,
    device,
    `labels of ${to}`,
    [2004],
    device.ask({ op: 3, to, pc: { 'm2m:cnt': { lbl: [`t${turn}`] } } }),
  );
}

/** Subscribes to the shared container, to what is registered, and to the container of somebody else who must agree. */
export async function subscriber(scene: Scene, device: Device): Promise<void> {
  await register(scene, device, 'sub');
  if (scene.random.chance(0.5)) await subscribe(scene, device, 'cse-in', 'onBase', device.level);
  await scene.shared;
  await subscribe(scene, device, sharedContainer, 'onShared', device.level);
}

/** Somebody subscribes for another, who is asked first (R19). */
export async function subscribeFor(scene: Scene, device: Device, name: string, target: string): Promise<void> {
  await scene.shared;
  await device.rest(scene.random.between(500, scene.span / 2));
  const { rsc } = await subscribe(scene, device, sharedContainer, name, target);
  // Who is asked may be silent, or not be there yet.
  if (rsc !== 2001 && rsc !== 5204 && rsc !== 5205) scene.problem('answer', `a subscription for ${target} got ${rsc}`);
}

function subscribe(scene: Scene, device: Device, parent: string, rn: string, target: string): Promise<Answer> {
  const content = { rn, nu: [`/id-in/${target}`], enc: { net: [3] }, nct: 1 };
  const request = { op: 1, to: parent, ty: 23, pc: { 'm2m:sub': content } };
  const answer = device.ask(request, scene.random.chance(0.2));
  return target === device.level ? must(scene, device, `subscription ${rn}`, [2001], answer) : answer;
}

/** Says that it is somebody else (promise 4). */
export async function forger(scene: Scene, device: Device, victim: string): Promise<void> {
  await scene.shared;
  for (let turn = 0; turn < 3; turn++) {
    await device.rest(scene.random.between(0, scene.span / 4));
    const con = `forged${turn}`;
    const request = { op: 1, to: sharedContainer, ty: 4, pc: { 'm2m:cin': { con } }, con, fr: victim };
    await must(scene, device, 'a forgery', [4106], device.ask(request));
  }
}

/** Sends each request once and asks for nothing: what ingress has acknowledged must be done all the same (promise 1). */
export async function forgetful(scene: Scene, device: Device): Promise<void> {
  await scene.shared;
  for (let turn = 0; turn < scene.creates; turn++) {
    await device.rest(scene.random.between(0, (2 * scene.span) / scene.creates));
    const con = `${device.level}#${turn}`;
    if (scene.random.chance(0.3)) device.tell({ op: 2, to: `${sharedContainer}/la` });
    device.tell({ op: 1, to: sharedContainer, ty: 4, pc: { 'm2m:cin': { con } }, con });
  }
}
