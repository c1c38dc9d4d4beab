/** A real broker that keeps the generated rules, and the clients that test it. */
import { readFileSync } from 'node:fs';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { Certificates } from '../../infra/local/certificates.ts';
import type { BrokerIdentity } from '../../services/core/broker-access/identity.ts';
import type { Credential } from '../../services/ports/credential-store.ts';
import { passwordOf } from '../fixtures/broker-access/credentials.ts';

export type Way = 'password' | 'certificate';

export interface GuardedBroker {
  /** As rows name it. */
  name: string;
  /** Resolves when it serves by these credentials; also somebody called `observer` may then do everything, by certificate. */
  start(credentials: readonly Credential[]): Promise<void>;
  stop(): Promise<void>;
  /** Hands it a new export, without a restart. */
  exported(credentials: readonly Credential[]): Promise<void>;
  restart(): Promise<void>;
  certificates(): Certificates;
  /** Where clients of that kind connect. */
  url(way: Way, service: boolean): string;
  /** It accepts both passwords during a rotation; else only the newest. */
  bothPasswords: boolean;
  /** A certificate's identity is revoked, or added, by an export; else by a restart after it. */
  rightsByExport: boolean;
}

/** Everything that came to a client. */
export class Visitor {
  readonly client: MqttClient;
  readonly received: { topic: string; payload: string; retain: boolean }[] = [];
  closed = false;

  constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload, { retain }) => {
      this.received.push({ topic, payload: payload.toString(), retain });
    });
    client.on('close', () => {
      this.closed = true;
    });
    client.on('error', () => undefined);
  }

  has(payload: string): boolean {
    return this.received.some((message) => message.payload === payload);
  }

  /** True where the broker granted the filter; false where it refused or closed the connection. */
  async subscribe(filter: string): Promise<boolean> {
    if (this.closed) return false;
    return this.#answered(this.client.subscribeAsync(filter, { qos: 1 }));
  }

  /** True where the broker acknowledged it, which need not mean that it was delivered. */
  publish(topic: string, payload: string, retain = false): Promise<boolean> {
    return this.#answered(this.client.publishAsync(topic, payload, { qos: 1, retain }));
  }

  async #answered(answer: Promise<unknown>): Promise<boolean> {
    let close = () => {};
    const closed = new Promise<false>((resolve) => {
      close = () => resolve(false);
      this.client.once('close', close);
    });
    const told = answer.then(
      () => true,
      () => false,
    );
    return Promise.race([told, closed]).finally(() => this.client.off('close', close));
  }

  async leave(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** Connects as somebody; rejects where the broker refuses. Password by MQTT 3.1.1, certificate by 5, so both are used. */
export async function visit(
  broker: GuardedBroker,
  identity: Pick<BrokerIdentity, 'name' | 'kind'>,
  way: Way,
  more: IClientOptions = {},
): Promise<Visitor> {
  const options: IClientOptions = {
    ca: readFileSync(broker.certificates().caFile),
    reconnectPeriod: 0,
    connectTimeout: 5000,
    protocolVersion: way === 'password' ? 4 : 5,
    ...(way === 'password'
      ? { username: identity.name, password: passwordOf(identity) }
      : await certificateOptions(broker.certificates(), identity.name)),
    ...more,
  };
  return new Visitor(await connectAsync(broker.url(way, identity.kind === 'service'), options, false));
}

async function certificateOptions(certificates: Certificates, name: string): Promise<IClientOptions> {
  const { certFile, keyFile } = await certificates.issueClient(name);
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/** Who may do everything: no identity of ours, added to the files by the tests. */
export const observer = { name: 'observer', kind: 'service' as const };
