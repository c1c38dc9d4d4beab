/** The thread's side of a task: the same functions that code small batches inline. */
import { decodeBatch } from '../ingress-batch.ts';
import { encodeBatch } from '../responder-batch.ts';
import { type FromThread, packDecoded, serializationAt, type ToThread } from './messages.ts';
import { buffersOf, packBytes, unpackBytes } from './packing.ts';

/** The answer, and the memory that changes hands with it. */
export interface Answer {
  message: FromThread;
  transfer: ArrayBuffer[];
}

export function answerTask(task: ToThread): Answer {
  const { serializations } = task;
  switch (task.kind) {
    case 'decode': {
      const batch = unpackBytes(task.payloads).map((payload, index) => ({
        payload,
        serialization: serializationAt(serializations, index),
      }));
      const columns = packDecoded(decodeBatch(batch));
      return { message: { kind: 'decoded', columns }, transfer: [columns.numbers.buffer] };
    }
    case 'encode': {
      const batch = unpackBytes(task.texts).map((json, index) => ({
        json,
        serialization: serializationAt(serializations, index),
      }));
      const results = encodeBatch(batch);
      const payloads = packBytes(results.map((result) => ('payload' in result ? bytesOf(result.payload) : nothing)));
      const problems = results.map((result) => ('problem' in result ? result.problem : undefined));
      return { message: { kind: 'encoded', payloads, problems }, transfer: buffersOf(payloads) };
    }
  }
}

const nothing = new Uint8Array();

function bytesOf(payload: Uint8Array | string): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
