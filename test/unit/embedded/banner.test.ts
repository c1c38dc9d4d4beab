import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bannerOf } from '../../../services/embedded/banner.ts';

const facts = {
  version: '1.2.3',
  mqttPort: 1883,
  webSocketPort: 8083,
  host: '127.0.0.1',
  tlsPort: undefined,
  tlsWebSocketPort: undefined,
  tls: undefined,
  credentials: false,
  adminPort: 9090,
  cses: [{ id: '/id-in', name: 'cse-in', serviceProvider: '//sp.example', admin: '/id-in/CAdmin' }],
  dataFolder: '/somewhere/data',
};

describe('the banner', () => {
  it('says what listens where, which CSE it is, and where the data is', () => {
    const text = bannerOf(facts);
    for (const part of ['1.2.3', '127.0.0.1:1883', 'ws://127.0.0.1:8083', '127.0.0.1:9090/readyz', '/somewhere/data']) {
      assert.ok(text.includes(part), part);
    }
    assert.match(text, /\/id-in, CSEBase cse-in, of \/\/sp\.example, admin CAdmin/);
  });

  it('says what is not promised (R33)', () => {
    assert.match(bannerOf(facts), /survives a killed process, but perhaps not a loss of power/);
    assert.match(bannerOf({ ...facts, dataFolder: undefined }), /Nothing is kept/);
    assert.match(bannerOf(facts), /no credentials.*MQTT 5 is refused/);
  });

  it('says where it listens beyond this machine, and that it asks for credentials', () => {
    const secure = { ...facts, tls: { host: '0.0.0.0' }, tlsPort: 8883, tlsWebSocketPort: 8084, credentials: true };
    const text = bannerOf(secure);
    for (const part of ['mqtt://127.0.0.1:1883', 'mqtts://0.0.0.0:8883', 'wss://0.0.0.0:8084', 'with credentials']) {
      assert.ok(text.includes(part), part);
    }
    assert.doesNotMatch(text, /asks for no credentials|create ae/);
    assert.match(bannerOf({ ...secure, host: '0.0.0.0', tls: undefined }), /mqtt:\/\/0\.0\.0\.0:1883/);
  });

  it('shows a first command with all that it needs, and nothing more', () => {
    assert.match(bannerOf(facts), /npx in-cse create ae --from Cme --name me\n/);
    const other = { ...facts, mqttPort: 99, cses: [{ id: '/x', name: 'y', serviceProvider: '//z' }] };
    assert.match(bannerOf(other), /--name me --url mqtt:\/\/127\.0\.0\.1:99 --cse-id \/x\n/);
  });
});
