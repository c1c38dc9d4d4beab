/** What the process broker-access is told: beyond loopback it needs a secret (issue 4 §1). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBrokerAccessSettings } from '../../../services/broker-access/config.ts';
import { SettingsError } from '../../../services/platform/settings.ts';

function problemsOf(flags: Record<string, unknown>): readonly string[] {
  try {
    readBrokerAccessSettings({ flags: { postgresUrl: 'postgres://x', ...flags } });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings of broker-access', () => {
  it('need a secret where not only this machine can ask', () => {
    assert.deepEqual(problemsOf({}), []);
    assert.match(problemsOf({ accessHost: '0.0.0.0' })[0] ?? '', /IN_CSE_ACCESS_SECRET/);
    assert.deepEqual(problemsOf({ accessHost: '0.0.0.0', accessSecret: 'of the broker' }), []);
  });

  it('take no secret that is none, and do not print it', () => {
    for (const accessSecret of ['', 'short']) {
      const [problem = ''] = problemsOf({ accessSecret });
      assert.match(problem, /at least 12 characters/);
      assert.ok(accessSecret === '' || !problem.includes(accessSecret));
    }
  });

  it('want certificate and key together', () => {
    assert.match(problemsOf({ tlsCertFile: 'x' })[0] ?? '', /belong together/);
    assert.match(problemsOf({ tlsClientCaFile: 'x' })[0] ?? '', /is for TLS/);
  });
});
