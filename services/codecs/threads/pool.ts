/**
 * The codecs of a process: small batches are coded on the spot, others in a thread, by the same functions. A batch that
 * takes its thread down is repeated piece by piece, and what does so again is given up (R28).
 */
import { type DecodedPrimitive, decodeBatch, type Payload, unreadable } from '../ingress-batch.ts';
import type { SerializationName } from '../registry.ts';
import { type Encoded, encodeBatch, type WireText } from '../responder-batch.ts';
import { Crew, NoThreads, ThreadFailed } from './crew.ts';
import { packSerializations, unpackDecoded } from './messages.ts';
import { buffersOf, packBytes, unpackBytes } from './packing.ts';

export interface CodecPoolOptions {
  /** Threads; 0: everything is coded on the spot. Default 1. */
  threads?: number;
  /** Longest time for a batch in a thread, ms. Default 2000. */
  timeLimit?: number;
  /** A batch of at most this much work is coded on the spot: bytes of JSON; XML counts tenfold. Default 16384: a
   * quarter of a millisecond, while handing over and back costs the two threads more than the work. */
  inlineLimit?: number;
  /** A thread died or took too long, with its batch. For log and metrics. */
  threadFailed?(reason: Error): void;
  /** A payload that took a thread down twice and was given up. For log and metrics. */
  gaveUp?(): void;
  /** A batch is being coded: for metrics. */
  coded?(direction: 'decode' | 'encode', way: 'inline' | 'thread'): void;
  /** Another module for the threads to run: tests let them die. */
  entry?: URL;
}

export interface CodecPool {
  /** One result per payload, in their order. Rejects only when closed. The payloads are not touched. */
  decode(batch: readonly Payload[]): Promise<DecodedPrimitive[]>;
  /** One result per primitive, in their order. Rejects only when closed. JSON stays as it is. */
  encode(batch: readonly WireText[]): Promise<Encoded[]>;
  /** One primitive in its JSON wire form. Rejects if it cannot be written in this serialization. */
  encodeText(json: string, serialization: SerializationName): Promise<Uint8Array | string>;
  /** Threads that code or start and threads that wait, and batches that wait for one. For metrics. */
  threads(): { busy: number; idle: number; waiting: number };
  /** Leaves no thread behind; batches that are out are rejected. */
  close(): Promise<void>;
}

/** fast-xml-parser needs about ten times as long for a byte as JSON.parse. */
const xmlWeight = 10;

export function createCodecPool(options: CodecPoolOptions = {}): CodecPool {
  const { threads = 1, timeLimit = 2000, inlineLimit = 16_384 } = options;
  const crew = new Crew({
    threads,
    timeLimit,
    entry: options.entry ?? new URL('./thread.ts', import.meta.url),
    failed: (reason) => options.threadFailed?.(reason),
  });

  async function decodeInThread(batch: readonly Payload[]): Promise<DecodedPrimitive[]> {
    const payloads = packBytes(batch.map((item) => item.payload));
    const serializations = packSerializations(batch);
    const answer = await crew.run({ kind: 'decode', payloads, serializations }, [
      ...buffersOf(payloads),
      serializations.buffer,
    ]);
    if (answer.kind !== 'decoded') throw new ThreadFailed('a codec thread gave the wrong answer');
    return unpackDecoded(answer.columns);
  }

  async function encodeInThread(batch: readonly WireText[]): Promise<Encoded[]> {
    const texts = packBytes(batch.map((item) => item.json));
    const serializations = packSerializations(batch);
    const answer = await crew.run({ kind: 'encode', texts, serializations }, [
      ...buffersOf(texts),
      serializations.buffer,
    ]);
    if (answer.kind !== 'encoded') throw new ThreadFailed('a codec thread gave the wrong answer');
    const { problems } = answer;
    return unpackBytes(answer.payloads).map((payload, index) => {
      const problem = problems[index];
      return problem === undefined ? { payload } : { problem };
    });
  }

  /** The batch in a thread; if that fails, piece by piece; without threads, on the spot. */
  async function robustly<Item, Result>(
    batch: readonly Item[],
    inThread: (batch: readonly Item[]) => Promise<Result[]>,
    inline: (batch: readonly Item[]) => Result[],
    lost: Result,
  ): Promise<Result[]> {
    try {
      return await inThread(batch);
    } catch (reason) {
      if (reason instanceof NoThreads) return inline(batch);
      if (!(reason instanceof ThreadFailed)) throw reason;
    }
    const results: Result[] = [];
    for (const item of batch) {
      try {
        results.push(...(await inThread([item])));
      } catch (reason) {
        if (!(reason instanceof ThreadFailed)) throw reason;
        options.gaveUp?.();
        results.push(lost);
      }
    }
    return results;
  }

  function isSmall(batch: readonly { serialization: SerializationName }[], bytes: (index: number) => number): boolean {
    let work = 0;
    for (let index = 0; index < batch.length; index++) {
      work += bytes(index) * (batch[index]?.serialization === 'xml' ? xmlWeight : 1);
      if (work > inlineLimit) return false;
    }
    return true;
  }

  async function encode(batch: readonly WireText[]): Promise<Encoded[]> {
    const foreign = batch.filter(({ serialization }) => serialization !== 'json');
    if (foreign.length === 0 || isSmall(foreign, (index) => foreign[index]?.json.byteLength ?? 0)) {
      options.coded?.('encode', 'inline');
      return encodeBatch(batch);
    }
    options.coded?.('encode', 'thread');
    const encoded = await robustly(foreign, encodeInThread, encodeBatch, {
      problem: 'it took a codec thread down twice',
    });
    let next = 0;
    return batch.map((item) => (item.serialization === 'json' ? { payload: item.json } : taken(encoded[next++])));
  }

  return {
    async decode(batch) {
      const small = isSmall(batch, (index) => batch[index]?.payload.byteLength ?? 0);
      options.coded?.('decode', small ? 'inline' : 'thread');
      return small ? decodeBatch(batch) : robustly(batch, decodeInThread, decodeBatch, unreadable);
    },
    encode,
    async encodeText(json, serialization) {
      if (serialization === 'json') return json;
      const result = taken((await encode([{ json: Buffer.from(json), serialization }]))[0]);
      if ('problem' in result) throw new Error(result.problem);
      return result.payload;
    },
    threads: () => crew.state,
    close: () => crew.close(),
  };
}

function taken(result: Encoded | undefined): Encoded {
  return result ?? { problem: 'the codec gave nothing' };
}
