/** Bytes that are no MQTT, or nearly: the embedded broker drops who sends them and serves the others. */
import { connect } from 'node:net';
import { Random } from '../simulation/random.ts';
import { type FuzzedProcess, isWell } from './fuzz-path.ts';
import type { FuzzRun, Outcomes } from './fuzz-payloads.ts';
import { mutated } from './mutate.ts';

const atOnce = 100;
/** A connection that nobody ends is given up by us, ms. */
const patience = 300;

export async function fuzzPackets(system: FuzzedProcess, { seed, cases }: FuzzRun): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  const port = Number(new URL(system.url).port);
  for (let index = 0; index < cases; index += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, cases - index) }, (_, at) => packetsOf(seed, index + at));
    for (const outcome of await Promise.all(batch.map((bytes) => send(port, bytes)))) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  await isWell(system);
  return outcomes;
}

/** What became of a connection that sent these bytes. */
function send(port: number, bytes: Buffer): Promise<'closed' | 'reset' | 'left open'> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(patience, () => {
      socket.destroy();
      resolve('left open');
    });
    socket.on('error', () => resolve('reset'));
    socket.on('close', () => resolve('closed'));
    socket.resume();
  });
}

function packetsOf(seed: number, index: number): Buffer {
  const random = new Random(seed * 11_000_003 + index);
  const decent = [
    connectPacket(random, `z${index}`),
    ...Array.from({ length: random.whole(0, 4) }, () => packet(random)),
  ];
  const whole = Buffer.concat(random.chance(0.85) ? decent : random.shuffled(decent));
  return random.chance(0.8) ? mutated(whole, random) : whole;
}

function connectPacket(random: Random, client: string): Buffer {
  const flags = random.pick([0x02, 0x02, 0x02, 0xc2, 0x00, 0xff, 0x04, 0x16]);
  const level = random.pick([4, 4, 4, 5, 3, 0, 255]);
  return framed(0x10, Buffer.concat([text('MQTT'), Buffer.from([level, flags, 0, 30]), text(client)]));
}

function packet(random: Random): Buffer {
  const identifier = Buffer.from([random.whole(0, 255), random.whole(0, 255)]);
  const topic = text(
    random.pick(['/oneM2M/req/Cx/id-in/json', '', '#', '$SYS/x', 'a\0b', '/'.repeat(2000), '$share/g/#']),
  );
  switch (random.whole(0, 6)) {
    case 0:
    case 1: // PUBLISH of any quality and flags
      return framed(0x30 | random.whole(0, 15), Buffer.concat([topic, identifier, Buffer.from('{"op":2}')]));
    case 2: // SUBSCRIBE
      return framed(random.pick([0x82, 0x80]), Buffer.concat([identifier, topic, Buffer.from([random.whole(0, 4)])]));
    case 3: // UNSUBSCRIBE
      return framed(0xa2, Buffer.concat([identifier, topic]));
    case 4: // an acknowledgement of nothing
      return framed(random.pick([0x40, 0x50, 0x62, 0x70]), identifier);
    case 5: // any other type
      return framed(random.whole(0, 255), Buffer.from([random.whole(0, 255), random.whole(0, 255)]));
    default: // a length that never comes, or is none
      return Buffer.from([0x30, ...random.pick([[0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0x7f], [0x80]])]);
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function framed(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  let left = body.length;
  do {
    length.push(left > 127 ? (left & 0x7f) | 0x80 : left);
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}
