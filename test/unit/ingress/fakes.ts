/** Parts of an ingress that a test holds in its hands: a broker that it speaks through, a log that acknowledges on demand. */

import type { DecodedPrimitive } from '../../../services/codecs/ingress-batch.ts';
import type { CseDescription } from '../../../services/core/cse.ts';
import type { IngressCodec } from '../../../services/ingress/codec.ts';
import { createIngress } from '../../../services/ingress/ingress.ts';
import type { IngressFlowSettings, IngressParts } from '../../../services/ingress/parts.ts';
import { createSilentLog } from '../../../services/platform/logging.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';
import { createUntraced } from '../../../services/platform/tracing/tracing.ts';
import type { DeviceLink, InboundMessage, ReceiveOptions } from '../../../services/ports/device-link.ts';
import type { Append, LogProducer, RequestLog } from '../../../services/ports/request-log.ts';
import { FakeClock, settle } from '../responder/fakes.ts';

export { FakeClock, settle };

export function aCse(changes: Partial<CseDescription> = {}): CseDescription {
  return {
    number: 1,
    id: '/id-in',
    name: 'cse-in',
    serviceProvider: '//sp.example',
    baseId: 'id-in',
    registrationPatterns: ['*'],
    demandRegistration: false,
    ignoreUnknownParameters: false,
    maximumLifetime: 1e12,
    duplicateWindow: 120_000,
    credentialsPerDevice: false,
    pointsOfAccess: [],
    notificationHosts: [],
    ...changes,
  };
}

interface Flight {
  records: Append[];
  resolve: () => void;
  reject: (reason: Error) => void;
}

/** A log whose appends the test acknowledges. */
export class FakeRequestsLog implements RequestLog {
  readonly name = 'requests';
  readonly partitions = 24;
  readonly flights: Flight[] = [];
  closed = false;

  async producer(): Promise<LogProducer> {
    return {
      append: (records) =>
        new Promise((resolve, reject) => {
          this.flights.push({ records, resolve, reject });
        }),
      pending: () => ({ records: 0, bytes: 0 }),
      close: async () => {
        this.closed = true;
      },
    };
  }

  consumer(): never {
    throw new Error('ingress consumes nothing');
  }

  async close(): Promise<void> {}

  records(): { head: Record<string, unknown>; payload: Record<string, unknown>; partition: number }[] {
    return this.flights.flatMap(({ records }) =>
      records.map(({ value, partition }) => {
        const [head = '', payload = ''] = value.toString('utf8').split('\n');
        return { head: JSON.parse(head), payload: JSON.parse(payload), partition };
      }),
    );
  }
}

export class FakeMessage implements InboundMessage {
  topic: string;
  payload: Buffer;
  duplicate = false;
  retained = false;
  connection = 1;
  acknowledged = 0;
  gone = false;
  constructor(topic: string, payload: object | string, changes: Partial<FakeMessage> = {}) {
    this.topic = topic;
    this.payload = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
    Object.assign(this, changes);
  }
  acknowledge(): void {
    this.acknowledged += 1;
  }
  abandoned(): boolean {
    return this.gone;
  }
}

export class FakeLink implements DeviceLink {
  readonly name = 'default';
  readonly published: { topic: string; payload: Record<string, unknown>; text: string; acknowledge: () => void }[] = [];
  /** Answers are acknowledged by their broker at once. */
  automatic = true;
  options: ReceiveOptions | undefined;
  readonly filters: string[] = [];
  readonly events: string[] = [];

  async receive(options: ReceiveOptions) {
    this.options = options;
    this.filters.push(...options.filters);
    return {
      addFilters: async (filters: string[]) => void this.filters.push(...filters),
      ready: () => true,
      drain: async () => void this.events.push('drain'),
      close: async () => void this.events.push('close'),
    };
  }

  async publisher() {
    return {
      publish: (topic: string, payload: Uint8Array | string) =>
        new Promise<void>((resolve) => {
          const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8');
          const json = text.startsWith('<') ? text.slice(1, -1) : text;
          this.published.push({ topic, payload: JSON.parse(json), text, acknowledge: resolve });
          if (this.automatic) resolve();
        }),
      ready: () => true,
      disconnects: () => 0,
      close: async () => {},
    };
  }

  async close(): Promise<void> {}
}

/** Reads JSON with short names, XML as JSON between angle brackets; the real codecs have tests of their own. */
export function fakeDecode(payload: Uint8Array, serialization: string): DecodedPrimitive {
  const text = Buffer.from(payload).toString('utf8');
  const undecodable = { kind: 'undecodable', code: 4000, text: 'The payload is not what it should be.' } as const;
  if ((serialization === 'xml') !== text.startsWith('<')) return { ...undecodable, requestIdentifier: undefined };
  let wire: Record<string, unknown>;
  try {
    wire = JSON.parse(serialization === 'xml' ? text.slice(1, -1) : text);
  } catch {
    return { ...undecodable, requestIdentifier: undefined };
  }
  const requestIdentifier = String(wire.rqi ?? '');
  if ('rsc' in wire)
    return { kind: 'response', text: JSON.stringify({ responseStatusCode: wire.rsc }), requestIdentifier };
  if (!('op' in wire)) return { ...undecodable, requestIdentifier };
  const content = Object.values((wire.pc ?? {}) as Record<string, { rn?: string }>)[0];
  return {
    kind: 'request',
    text: JSON.stringify({
      operation: wire.op,
      to: wire.to,
      originator: wire.fr,
      requestIdentifier,
      releaseVersion: wire.rvi,
      responseType: wire.rt === undefined ? undefined : { value: wire.rt },
    }),
    operation: wire.op as 1,
    to: String(wire.to),
    originator: wire.fr as string | undefined,
    requestIdentifier,
    resourceType: wire.ty as number | undefined,
    resourceName: content?.rn,
    digest: JSON.stringify([wire.op, wire.to, wire.ty, wire.pc, wire.fc]),
    requestExpirationTimestamp: wire.rqet as string | undefined,
  };
}

export function aCodec(changes: Partial<IngressCodec> = {}): IngressCodec {
  return {
    decode: async (batch) => batch.map(({ payload, serialization }) => fakeDecode(payload, serialization)),
    encodeText: async (json, serialization) => (serialization === 'xml' ? `<${json}>` : json),
    ...changes,
  };
}

export interface Changes {
  settings?: Partial<IngressFlowSettings>;
  parts?: Partial<IngressParts>;
  cses?: CseDescription[];
}

export async function anIngress(changes: Changes = {}) {
  const clock = new FakeClock();
  const link = new FakeLink();
  const log = new FakeRequestsLog();
  const metrics = createMetrics();
  const passed: string[] = [];
  const cses = changes.cses ?? [aCse()];
  const ingress = createIngress({
    links: [link],
    requests: log,
    cache: undefined,
    codec: aCodec(),
    cses: async () => cses,
    clock,
    tracing: createUntraced(),
    metrics,
    log: createSilentLog(),
    failpoint: (name) => void passed.push(name),
    failed: (reason) => {
      throw reason;
    },
    settings: {
      shareGroup: 'in-cse',
      topicPrefix: '',
      maximumUnacknowledged: 1000,
      inFlightLimit: 100,
      overloadAge: 10_000,
      recordBytes: 10_000,
      decodeBatch: 50,
      codecThreads: 1,
      cseRefresh: 5000,
      homesKept: 100,
      homeLifetime: 5000,
      payloadBytes: 262_144,
      originatorRate: 0,
      originatorBurst: 0,
      originatorInFlight: 0,
      answerRate: 0,
      cseInFlight: 0,
      originatorsKept: 1000,
      ...changes.settings,
    },
    ...changes.parts,
  });
  await ingress.start();
  async function receive(...messages: FakeMessage[]): Promise<void> {
    for (const message of messages) link.options?.received(message);
    await settle();
  }
  /** All replicas have what was handed in so far. */
  async function acknowledgeAppends(): Promise<void> {
    for (const flight of log.flights) flight.resolve();
    await settle();
  }
  const dropped = async () => {
    const metric = (await metrics.registry.getMetricsAsJSON()).find(
      ({ name }) => name === 'incse_ingress_dropped_total',
    );
    return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels.reason, value]));
  };
  return { ingress, clock, link, log, metrics, passed, receive, acknowledgeAppends, dropped, cses };
}

let requests = 0;

/** A CREATE of a contentInstance by the AE C1, on its topic. */
export function aCreate(wire: object = {}, changes: Partial<FakeMessage> = {}): FakeMessage {
  requests += 1;
  return new FakeMessage(
    '/oneM2M/req/C1/id-in/json',
    {
      op: 1,
      to: 'cse-in/ae1/cnt1',
      fr: 'C1',
      rqi: `q${requests}`,
      rvi: '3',
      ty: 4,
      pc: { 'm2m:cin': { con: 'x' } },
      ...wire,
    },
    changes,
  );
}
