/** A broker of a few lines that does what a test tells it and remembers every packet: for what real brokers do rarely. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface SentPublish {
  topic: string;
  payload: string;
  identifier: number;
  duplicate: boolean;
  qos: number;
}

export interface Script {
  /** CONNACK for a connection; acceptance of MQTT 5 unless given. Nothing: no answer. */
  connack?(connection: ScriptedConnection): Buffer | undefined;
  /** With false, `/oneM2M/probe/…` is granted and never delivered (R31). */
  deliversProbe?: boolean;
  /** With false, PUBLISH is not acknowledged. */
  acknowledges?: boolean;
  /** Before the default answer; true if there is to be none. */
  publish?(connection: ScriptedConnection, publish: SentPublish): boolean;
}

/** CONNACK of MQTT 5 (3.2). */
export function connack5(options: { session?: boolean; reason?: number; receiveMaximum?: number } = {}): Buffer {
  const properties =
    options.receiveMaximum === undefined ? [] : [0x21, options.receiveMaximum >> 8, options.receiveMaximum & 0xff];
  const body = [options.session === true ? 1 : 0, options.reason ?? 0, properties.length, ...properties];
  return Buffer.from([0x20, body.length, ...body]);
}

export class ScriptedConnection {
  clientId = '';
  version = 0;
  clean = false;
  keepalive = 0;
  /** Identifiers of PUBACKs, in the order in which they came. */
  readonly acknowledged: number[] = [];
  readonly acknowledgementReasons: number[] = [];
  readonly published: SentPublish[] = [];
  readonly subscribed: string[] = [];
  readonly unsubscribed: string[] = [];
  pings = 0;
  /** Body of DISCONNECT, where one came. */
  disconnect: Buffer | undefined;
  open = true;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isProbe(): boolean {
    return this.clientId.includes('probe');
  }

  send(bytes: Buffer): void {
    if (this.open) this.#socket.write(bytes);
  }

  /** A PUBLISH to the client; QoS 0 for identifier 0. */
  deliver(identifier: number, topic: string, payload = '', flags: { dup?: boolean; retain?: boolean } = {}): void {
    const name = Buffer.from(topic);
    const parts = [Buffer.from([name.length >> 8, name.length & 0xff]), name];
    if (identifier > 0) parts.push(Buffer.from([identifier >> 8, identifier & 0xff]));
    if (this.version === 5) parts.push(Buffer.from([0]));
    parts.push(Buffer.from(payload));
    const first = 0x30 | (flags.dup === true ? 8 : 0) | (identifier > 0 ? 2 : 0) | (flags.retain === true ? 1 : 0);
    this.send(packet(first, Buffer.concat(parts)));
  }

  puback(identifier: number, reason?: number): void {
    const body = [identifier >> 8, identifier & 0xff, ...(reason === undefined ? [] : [reason])];
    this.send(packet(0x40, Buffer.from(body)));
  }

  /** DISCONNECT of MQTT 5 with a reason, then the end. */
  dismiss(reason: number): void {
    this.#socket.end(packet(0xe0, Buffer.from([reason])));
  }

  break(): void {
    this.#socket.destroy();
  }
}

function packet(first: number, body: Buffer): Buffer {
  const header = [first];
  let length = body.length;
  do {
    header.push((length & 0x7f) | (length > 127 ? 0x80 : 0));
    length >>>= 7;
  } while (length > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

export class ScriptedBroker {
  readonly connections: ScriptedConnection[] = [];
  readonly script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.script = script;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  static async start(script: Script = {}): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(script);
    await new Promise<void>((resolve) => broker.#server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections whose client id has this part, oldest first, without those of the probe. */
  of(part: string): ScriptedConnection[] {
    return this.connections.filter((connection) => connection.clientId.includes(part) && !connection.isProbe);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    const connection = new ScriptedConnection(socket);
    this.#sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      connection.open = false;
      this.#sockets.delete(socket);
    });
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let whole = take(rest); whole !== undefined; whole = take(rest)) {
        rest = rest.subarray(whole.size);
        this.#answer(connection, whole.first, whole.body);
      }
    });
  }

  #answer(connection: ScriptedConnection, first: number, body: Buffer): void {
    const kind = first >> 4;
    if (kind === 1) this.#connect(connection, body);
    else if (kind === 3) this.#publish(connection, first, body);
    else if (kind === 8) this.#subscribe(connection, body);
    else if (kind === 10) this.#unsubscribe(connection, body);
    else if (kind === 14) connection.disconnect = body;
    if (kind === 4) {
      connection.acknowledged.push(body.readUInt16BE(0));
      connection.acknowledgementReasons.push(body[2] ?? 0);
    } else if (kind === 12) {
      connection.pings += 1;
      connection.send(Buffer.from([0xd0, 0]));
    }
  }

  #subscribe(connection: ScriptedConnection, body: Buffer): void {
    const filters = readFilters(connection, body, 1);
    connection.subscribed.push(...filters);
    connection.send(packet(0x90, granted(connection, body, filters.length, 1)));
  }

  #unsubscribe(connection: ScriptedConnection, body: Buffer): void {
    const filters = readFilters(connection, body, 0);
    connection.unsubscribed.push(...filters);
    connection.send(packet(0xb0, granted(connection, body, connection.version === 5 ? filters.length : 0, 0)));
  }

  #connect(connection: ScriptedConnection, body: Buffer): void {
    connection.version = body[6] ?? 0;
    connection.clean = ((body[7] ?? 0) & 2) !== 0;
    connection.keepalive = body.readUInt16BE(8);
    const at = connection.version === 5 ? 11 + (body[10] ?? 0) : 10;
    connection.clientId = body.toString('utf8', at + 2, at + 2 + body.readUInt16BE(at));
    this.connections.push(connection);
    const plain = connection.version === 5 ? connack5() : Buffer.from([0x20, 2, 0, 0]);
    const answer = this.script.connack === undefined ? plain : this.script.connack(connection);
    if (answer !== undefined) connection.send(answer);
  }

  #publish(connection: ScriptedConnection, first: number, body: Buffer): void {
    const topicEnd = 2 + body.readUInt16BE(0);
    const qos = (first >> 1) & 3;
    const identifier = qos > 0 ? body.readUInt16BE(topicEnd) : 0;
    const properties = topicEnd + (qos > 0 ? 2 : 0);
    const payloadAt = properties + (connection.version === 5 ? 1 + (body[properties] ?? 0) : 0);
    const publish: SentPublish = {
      topic: body.toString('utf8', 2, topicEnd),
      payload: body.toString('utf8', payloadAt),
      identifier,
      duplicate: (first & 8) !== 0,
      qos,
    };
    connection.published.push(publish);
    if (this.script.publish?.(connection, publish) === true) return;
    if (qos > 0 && (this.script.acknowledges !== false || connection.isProbe)) connection.puback(identifier);
    if (publish.topic.startsWith('/oneM2M/probe/') && this.script.deliversProbe !== false) {
      connection.deliver(1, publish.topic, publish.payload);
    }
  }
}

function take(bytes: Buffer): { first: number; body: Buffer; size: number } | undefined {
  let length = 0;
  for (let at = 1; at < Math.min(bytes.length, 5); at++) {
    const digit = bytes[at] ?? 0;
    length += (digit & 0x7f) << (7 * (at - 1));
    if ((digit & 0x80) !== 0) continue;
    const size = at + 1 + length;
    return bytes.length < size ? undefined : { first: bytes[0] ?? 0, body: bytes.subarray(at + 1, size), size };
  }
  return undefined;
}

function readFilters(connection: ScriptedConnection, body: Buffer, optionBytes: number): string[] {
  const filters: string[] = [];
  let at = connection.version === 5 ? 3 + (body[2] ?? 0) : 2;
  while (at < body.length) {
    const end = at + 2 + body.readUInt16BE(at);
    filters.push(body.toString('utf8', at + 2, end));
    at = end + optionBytes;
  }
  return filters;
}

function granted(connection: ScriptedConnection, body: Buffer, count: number, code: number): Buffer {
  const properties = connection.version === 5 ? [0] : [];
  return Buffer.from([body[0] ?? 0, body[1] ?? 0, ...properties, ...new Array<number>(count).fill(code)]);
}
