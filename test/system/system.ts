/** What the tests of behaviour work with: a running CSE, and devices of their own that end with the test. */
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type Answer, Device, type DeviceOptions } from './device.ts';

/** A hosted CSE as its devices know it. */
export interface CseUnderTest {
  /** `id-in`, as in topics; the CSE-ID is `/id-in`. */
  level: string;
  /** resourceName of the CSEBase. */
  name: string;
  /** `//sp.example`. */
  serviceProvider: string;
}

/** A running deployment. */
export interface Target {
  /** Of the broker; several where it has several nodes. */
  urls: readonly string[];
  /** Hosts the tests. */
  cse: CseUnderTest;
  /** Of another service provider, with other rules: see `settings.ts`. */
  second: CseUnderTest;
  /** Of a third one, with quotas: see `settings.ts`. */
  small: CseUnderTest;
  /** Stem of the admin of `cse`. */
  admin: string;
  /** All requests arrive on one ingress connection: only there is the order of a device that does not wait kept (promise 5). */
  hasOneConnection: boolean;
  /** Where the broker knows who comes: how a device of this level gets in, and AE-IDs that it knows already. */
  admission?: {
    optionsOf(level: string): Partial<DeviceOptions>;
    newStem(prefix: string): string;
  };
  stop(): Promise<void>;
}

export interface AeOptions {
  /** AE-ID-Stem; a fresh one with C by default. */
  stem?: string;
  cse?: CseUnderTest;
  attributes?: Record<string, unknown>;
  device?: Partial<DeviceOptions>;
}

/** A registered AE with its device. */
export interface Ae {
  device: Device;
  stem: string;
  /** Structured address of the AE resource. */
  path: string;
  /** Its representation at creation. */
  resource: Record<string, unknown>;
}

export class System {
  readonly #target: () => Target;
  #names = 0;

  constructor(target: () => Target) {
    this.#target = target;
  }

  get target(): Target {
    return this.#target();
  }

  get cse(): CseUnderTest {
    return this.target.cse;
  }

  /** Structured address of the CSEBase. */
  get base(): string {
    return this.cse.name;
  }

  /** A name that no other test has; with C or S in front an AE-ID-Stem. */
  newName(prefix: string): string {
    const { admission } = this.target;
    if (admission !== undefined && /^[CS]/.test(prefix)) return admission.newStem(prefix);
    return `${prefix}${randomBytes(3).toString('hex')}${++this.#names}`;
  }

  /** A connected device that has not registered. */
  async device(t: TestContext, level = this.newName('C'), options: Partial<DeviceOptions> = {}): Promise<Device> {
    const { urls, admission } = this.target;
    const device = await Device.open({
      url: urls[0] ?? '',
      cse: this.cse.level,
      level,
      ...(options.tls === undefined ? admission?.optionsOf(level) : undefined),
      ...options,
    });
    t.after(() => device.close());
    return device;
  }

  async admin(t: TestContext): Promise<Device> {
    return this.device(t, this.target.admin);
  }

  async ae(t: TestContext, options: AeOptions = {}): Promise<Ae> {
    const { stem = this.newName('C'), cse = this.cse, attributes = {} } = options;
    const device = await this.device(t, stem, { cse: cse.level, ...options.device });
    const rn = this.newName('ae');
    const answer = await device.must(2001, {
      op: 1,
      to: cse.name,
      ty: 2,
      pc: { 'm2m:ae': { rn, api: 'Ntest', rr: true, srv: ['2a', '3'], ...attributes } },
    });
    const resource = contentOf(answer, 'm2m:ae');
    return { device, stem, path: `${cse.name}/${String(resource.rn)}`, resource };
  }

  /** A container below `parent`; its structured address. */
  async container(ae: Ae, attributes: Record<string, unknown> = {}, parent = ae.path): Promise<string> {
    const cnt = { rn: this.newName('cnt'), ...attributes };
    await ae.device.must(2001, { op: 1, to: parent, ty: 3, rcn: 0, pc: { 'm2m:cnt': cnt } });
    return `${parent}/${cnt.rn}`;
  }

  async instance(device: Device, container: string, con: unknown, attributes: object = {}): Promise<Resource> {
    const pc = { 'm2m:cin': { con, ...attributes } };
    return contentOf(await device.must(2001, { op: 1, to: container, ty: 4, pc }), 'm2m:cin');
  }

  /** A subscription below `parent`; its representation. */
  async subscription(ae: Ae, parent: string, attributes: Record<string, unknown>): Promise<Resource> {
    const pc = { 'm2m:sub': { rn: this.newName('sub'), ...attributes } };
    return contentOf(await ae.device.must(2001, { op: 1, to: parent, ty: 23, pc }), 'm2m:sub');
  }

  /** A policy below the AE that lets originators in, and the AE itself; its resource ID. */
  async policy(ae: Ae, rules: object[]): Promise<string> {
    const own = { acor: [ae.stem], acop: 63 };
    const acp = { rn: this.newName('acp'), pv: { acr: [own, ...rules] }, pvs: { acr: [own] } };
    const answer = await ae.device.must(2001, { op: 1, to: ae.path, ty: 1, pc: { 'm2m:acp': acp } });
    return String(contentOf(answer, 'm2m:acp').ri);
  }

  async retrieve(device: Device, to: string, member: string, parameters: object = {}): Promise<Resource> {
    return contentOf(await device.must(2000, { op: 2, to, ...parameters }), member);
  }
}

export type Resource = Record<string, unknown>;

/** The member that an answer must hold. */
export function contentOf({ pc, rsc }: Answer, member: string): Resource {
  const content = pc?.[member];
  if (typeof content !== 'object' || content === null) {
    throw new Error(`the answer (${rsc}) has no ${member}: ${JSON.stringify(pc)}`);
  }
  return content as Resource;
}

/** A list in an answer, such as `m2m:uril`. */
export function listOf({ pc }: Answer, member: string): string[] {
  const content = pc?.[member];
  if (!Array.isArray(content)) throw new Error(`the answer has no ${member}: ${JSON.stringify(pc)}`);
  return content as string[];
}

/** A oneM2M timestamp, ms from now. */
export function timestamp(fromNow: number): string {
  return new Date(Date.now() + fromNow).toISOString().replaceAll(/[-:Z]/g, '').replace('.', ',');
}
