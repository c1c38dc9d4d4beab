import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseKafkaConnection } from '../../../../services/adapters/kafka/connection.ts';

describe('addresses of a Kafka cluster', () => {
  it('name one node or several, in one URL or many', () => {
    const both = { brokers: ['a:9092', 'b:1234'] };
    assert.deepEqual(parseKafkaConnection('kafka://a'), { brokers: ['a:9092'] });
    assert.deepEqual(parseKafkaConnection('kafka://a,b:1234'), both);
    assert.deepEqual(parseKafkaConnection('kafka://a:9092, kafka://b:1234'), both);
    assert.deepEqual(parseKafkaConnection(['kafka://a', 'kafka://b:1234']), both);
  });

  it('carry credentials, decoded', () => {
    const { brokers, credentials, tls } = parseKafkaConnection(
      'kafka+ssl://us%40er:p%2Fw%3Ad@a,b/?mechanism=scram-sha-512',
    );
    assert.deepEqual(brokers, ['a:9093', 'b:9093']);
    assert.deepEqual(credentials?.(), { mechanism: 'scram-sha-512', username: 'us@er', password: 'p/w:d' });
    assert.deepEqual(tls?.(), { rejectUnauthorized: true });
    assert.equal(parseKafkaConnection('kafka://u:p@a').credentials?.().mechanism, 'plain');
  });

  it('carry certificates by file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka-'));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, 'certificate');
    const { tls } = parseKafkaConnection(`kafka+ssl://a/?ca=${ca}&insecure=1`);
    assert.equal(String(tls?.().ca), 'certificate');
    assert.equal(tls?.().rejectUnauthorized, false);
    writeFileSync(ca, 'another');
    assert.equal(String(tls?.().ca), 'another');
    rmSync(folder, { recursive: true });
  });

  it('are refused with a reason that holds no password', () => {
    const wrong: [string, RegExp][] = [
      ['a:9092', /must be a URL/],
      ['', /must be a URL/],
      ['mqtt://a', /must begin with kafka/],
      ['kafka://a,kafka+ssl://b', /must agree/],
      ['kafka://u:secret@a/?mechanism=gssapi', /unknown mechanism gssapi/],
      ['kafka://u:secret@a/?retries=3', /unknown parameter retries/],
      ['kafka://a/?ca=x', /need kafka\+ssl/],
      ['kafka://a/?insecure=1', /need kafka\+ssl/],
      ['kafka+ssl://u:secret@a/?ca=/nowhere', /ENOENT/],
      ['kafka://u:secret@a:99999', /not a URL/],
    ];
    for (const [url, reason] of wrong) {
      assert.throws(
        () => parseKafkaConnection(url),
        (error: Error) => reason.test(error.message) && !error.message.includes('secret'),
        url,
      );
    }
  });
});
