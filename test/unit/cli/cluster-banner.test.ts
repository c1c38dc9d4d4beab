/** What the cluster on this machine prints: terminals are shared and recorded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bare } from '../../../services/cli/cluster/banner.ts';

test('no password stands in a URL that is shown, also where it names several hosts', () => {
  const shown: [url: string, bare: string][] = [
    [
      'kafka+ssl://app:first@127.0.0.1:1,127.0.0.1:2/?mechanism=scram-sha-512&ca=/x/ca.pem',
      'kafka+ssl://app@127.0.0.1:1,127.0.0.1:2/',
    ],
    ['postgres://app:p%40ss:w@host:5432/db?sslmode=verify-full', 'postgres://app@host:5432/db'],
    ['redis://:secret@host:6379', 'redis://@host:6379'],
    ['kafka://127.0.0.1:9092', 'kafka://127.0.0.1:9092'],
    ['mqtts://127.0.0.1:8883/prefix', 'mqtts://127.0.0.1:8883/prefix'],
  ];
  for (const [url, expected] of shown) assert.equal(bare(url), expected);
});
