/** What must hold for any payload whatever: read or refused with a code, quickly, and nothing else in the process changes. */
import assert from 'node:assert/strict';
import { wireOfRequest } from '../../services/codecs/envelope.ts';
import { decodeBatch, type Payload, unreadable } from '../../services/codecs/ingress-batch.ts';
import { readCanonical } from '../../services/codecs/json.ts';
import { codecOf, serializationNames } from '../../services/codecs/registry.ts';
import { type Encoded, encodeBatch } from '../../services/codecs/responder-batch.ts';
import { statusCode } from '../../services/core/status-codes.ts';

/** No payload of at most 256 KB may hold the event loop as long as this, ms. Far above what any takes, far below an attack. */
const tooLong = 2000;

/** Gives what became of it. Throws an assertion that says what was wrong. */
export function checkPayload(item: Payload): 'request' | 'response' | 'undecodable' {
  const begun = performance.now();
  const [decoded] = decodeBatch([item]);
  assert.ok(performance.now() - begun < tooLong, 'it took too long');
  assert.ok(decoded !== undefined);
  switch (decoded.kind) {
    case 'undecodable':
      // This one stands for a failure of the codec itself.
      assert.notEqual(decoded, unreadable, 'the codec broke');
      assert.equal(statusCode(decoded.code)?.fault, 'originator', `${decoded.code}`);
      assert.ok(decoded.text.length > 0 && decoded.text.length < 1000);
      break;
    case 'request':
      checkRequest(decoded.text, decoded.requestIdentifier);
      break;
    case 'response':
      assert.ok(decoded.requestIdentifier.length > 0);
      JSON.parse(decoded.text);
  }
  return decoded.kind;
}

/** What was taken goes on through records and comes out again: also that must not break, or mean something else. */
function checkRequest(text: string, requestIdentifier: string): void {
  const request = readCanonical(text);
  assert.equal(request.requestIdentifier, requestIdentifier);
  assert.ok(Number.isInteger(request.operation) && request.operation >= 1 && request.operation <= 5);
  assert.ok(!hasNul(request), 'NUL goes on');
  const json = codecOf('json').write({ kind: 'request', members: wireOfRequest(request) });
  for (const serialization of serializationNames) {
    const [encoded] = encodeBatch([{ json: Buffer.from(json), serialization }]);
    assert.ok(encoded !== undefined);
    checkEncoded(encoded, serialization, requestIdentifier);
  }
}

/** In what of a primitive is ours to read; free content is kept as its text. */
function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => name.includes('\0') || hasNul(member));
}

/** XML cannot say everything that JSON can: then it must be refused and not be broken. */
function checkEncoded(encoded: Encoded, serialization: 'json' | 'xml', requestIdentifier: string): void {
  if ('problem' in encoded) {
    assert.equal(serialization, 'xml', 'JSON says everything');
    return;
  }
  const [again] = decodeBatch([{ payload: Buffer.from(encoded.payload), serialization }]);
  if (serialization === 'json') assert.equal(again?.kind, 'request');
  if (again?.kind === 'request') assert.equal(again.requestIdentifier.trim(), requestIdentifier.trim());
}
