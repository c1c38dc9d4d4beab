import assert from 'node:assert/strict';
import { CodecError } from '../../../services/codecs/codec-error.ts';

export const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** The error that a codec throws; fails if it throws none, or another one. */
export function refusalOf(decode: () => unknown): CodecError {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof CodecError, `not a CodecError: ${String(error)}`);
    return error;
  }
  assert.fail('nothing was refused');
}

export const createWith = (con: string, more = ''): string =>
  `{"op":1,"to":"cse/pump1/flow","fr":"Spump","rqi":"x1","rvi":"3","ty":4,"pc":{"m2m:cin":{"con":${con}${more}}}}`;
