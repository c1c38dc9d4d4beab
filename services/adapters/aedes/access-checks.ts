/**
 * What the clients of the embedded broker may do, where it asks for credentials. Grants are worked out at CONNECT and kept
 * with the client; a topic that was allowed once is looked up and no more.
 */
import type { Client } from 'aedes';
import { coversFilter } from '../../core/broker-access/filters.ts';
import { mayPublish, maySubscribe } from '../../core/broker-access/judge.ts';
import type { AccessSession, BrokerAccess } from '../../ports/broker-access.ts';
import { peerOf } from './peer.ts';

/** `action` is a label of a metric; `reason` is for the log. */
export type Denied = (action: 'connect' | 'publish' | 'subscribe', client: string, reason: string) => void;

interface Admitted {
  client: Client;
  session: AccessSession;
  /** Topics that were allowed: a device uses few. */
  published: Set<string>;
}

/** Who the state of a client id belongs to. Nobody else may take it over: neither the connection nor what waits for it. */
interface Holder {
  name: string;
  connection: Client | undefined;
  /** The broker keeps a session for it. */
  lasting: boolean;
}

/** CONNACK codes of MQTT 3.1.1 (3.2.2.3). One for all that is wrong with a credential: what it is, is not told. */
const identifierRejected = 2;
const badCredentials = 4;

const rememberedTopics = 16;

export class AccessChecks {
  readonly #access: BrokerAccess;
  readonly #denied: Denied;
  readonly #admitted = new Map<Client, Admitted>();
  readonly #holders = new Map<string, Holder>();
  readonly #stopWatching: () => void;

  constructor(access: BrokerAccess, denied: Denied) {
    this.#access = access;
    this.#denied = denied;
    this.#stopWatching = access.watch(() => this.#disconnectOutdated());
  }

  /** As aedes calls it; `done` with an error is CONNACK with its code. */
  async authenticate(client: Client, name: string | undefined, password: Uint8Array | undefined): Promise<void> {
    const { address, commonName } = peerOf(client);
    const answer = await this.#access.authenticate({
      name,
      password: password === undefined ? undefined : Buffer.from(password).toString('utf8'),
      commonName,
      peer: address,
    });
    if ('refused' in answer) {
      this.#denied('connect', client.id, `not let in: ${answer.refused}`);
      throw refusal(badCredentials, 'bad user name or password');
    }
    if (client.closed) return;
    this.#hold(client, answer.session.identity.name);
    this.#admitted.set(client, { client, session: answer.session, published: new Set() });
  }

  mayPublish(client: Client, topic: string): boolean {
    const admitted = this.#admitted.get(client);
    if (admitted === undefined) return false;
    const { published, session } = admitted;
    if (published.has(topic)) return true;
    if (!mayPublish(session.grants, topic, false)) {
      this.#denied('publish', client.id, `${session.identity.name} may not publish to ${topic}`);
      return false;
    }
    if (published.size < rememberedTopics) published.add(topic);
    return true;
  }

  maySubscribe(client: Client, filter: string): boolean {
    const admitted = this.#admitted.get(client);
    if (admitted === undefined) return false;
    const { session } = admitted;
    if (maySubscribe(session.grants, filter, this.#access.group)) return true;
    this.#denied('subscribe', client.id, `${session.identity.name} may not subscribe to ${filter}`);
    return false;
  }

  /** Also what was kept for a client that was away, perhaps since it had more rights. */
  mayReceive(client: Client, topic: string): boolean {
    const grants = this.#admitted.get(client)?.session.grants;
    if (grants === undefined) return false;
    return grants.some(({ action, filter }) => action === 'subscribe' && coversFilter(filter, topic));
  }

  disconnected(client: Client): void {
    this.#admitted.delete(client);
    const holder = this.#holders.get(client.id);
    if (holder === undefined || holder.connection !== client) return;
    if (holder.lasting) holder.connection = undefined;
    else this.#holders.delete(client.id);
  }

  close(): void {
    this.#stopWatching();
  }

  #hold(client: Client, name: string): void {
    const holder = this.#holders.get(client.id);
    if (holder !== undefined && holder.name !== name) {
      this.#denied('connect', client.id, `not let in: ${name} uses the client id of another`);
      throw refusal(identifierRejected, 'identifier rejected');
    }
    this.#holders.set(client.id, { name, connection: client, lasting: !client.clean });
  }

  #disconnectOutdated(): void {
    for (const { client, session } of this.#admitted.values()) {
      if (client.closed) this.disconnected(client);
      if (client.closed || session.inForce()) continue;
      this.#denied('connect', client.id, `disconnected: the credential ${session.identity.name} has ended or changed`);
      this.disconnected(client);
      client.close();
    }
  }
}

interface AuthenticationError extends Error {
  returnCode: number;
}

function refusal(returnCode: number, message: string): AuthenticationError {
  return Object.assign(new Error(message), { returnCode });
}
