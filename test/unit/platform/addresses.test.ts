import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrateSettings } from '../../../services/cli/commands/migrate-settings.ts';
import { ingressSettings } from '../../../services/ingress/config.ts';
import { kafkaAddressOf, mqttAddressOf, redisAddressOf } from '../../../services/platform/addresses.ts';
import { watchFiles } from '../../../services/platform/files.ts';
import { kafkaSettings, mqttSettings, redisSettings } from '../../../services/platform/setting-pieces.ts';
import { defaultSettings, readSettings, type SettingDefinitions } from '../../../services/platform/settings.ts';
import { workerSettings } from '../../../services/resource-worker/config.ts';
import { responderSettings } from '../../../services/responder/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'addresses-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, `${name}.new`), content);
  renameSync(join(folder, `${name}.new`), join(folder, name));
  return join(folder, name);
};

describe('secrets of connections', () => {
  it('every URL and password may stand in a file', () => {
    const processes: SettingDefinitions[] = [ingressSettings, workerSettings, responderSettings, migrateSettings];
    const found = processes.flatMap((settings) =>
      Object.entries(settings).filter(([name]) => /(Url|Password)$/.test(name)),
    );
    assert.ok(found.length > 15);
    for (const [name, { secret }] of found) assert.ok(secret, name);
  });

  it('are read anew when asked for; where the file says nothing, what it said last', () => {
    const url = file('kafka', 'kafka://u@one\n');
    const password = file('password', 'first\n');
    const address = kafkaAddressOf(
      readSettings(kafkaSettings, {
        environment: { IN_CSE_KAFKA_URL_FILE: url, IN_CSE_KAFKA_PASSWORD_FILE: password },
      }),
    );
    assert.deepEqual([address.url, address.password], ['kafka://u@one', 'first']);
    assert.deepEqual(address.files, [url, password]);
    file('kafka', 'kafka://u@two');
    file('password', 'second');
    assert.deepEqual([address.url, address.password], ['kafka://u@two', 'second']);
    file('password', '');
    rmSync(url);
    assert.deepEqual([address.url, address.password], ['kafka://u@two', 'second']);
  });

  it('keep to what was said elsewhere, and watch nothing then', () => {
    const environment = { IN_CSE_REDIS_URL: 'redis://cache', IN_CSE_REDIS_PASSWORD: 'x' };
    const address = redisAddressOf(readSettings(redisSettings, { environment }));
    assert.deepEqual([address?.url, address?.password, address?.files], ['redis://cache', 'x', []]);
    assert.equal(redisAddressOf(defaultSettings(redisSettings)), undefined);
  });

  it('a copy of settings still knows its files', () => {
    const environment = { IN_CSE_MQTT_URL_FILE: file('mqtt', 'mqtts://one') };
    const address = mqttAddressOf({ ...readSettings(mqttSettings, { environment }), mqttInsecure: true });
    file('mqtt', 'mqtts://two');
    assert.equal(address.url, 'mqtts://two');
    assert.deepEqual(address.tls, { insecure: true });
  });
});

describe('files that are watched', () => {
  const interval = 20;

  it('are told of once, when they have changed and stand still', async () => {
    const paths = [file('cert', 'one'), file('key', 'one')];
    let told = 0;
    const end = watchFiles(paths, () => (told += 1), interval);
    await sleep(interval * 4);
    assert.equal(told, 0);
    file('cert', 'another');
    file('key', 'another');
    while (told === 0) await sleep(interval);
    await sleep(interval * 4);
    assert.equal(told, 1);
    end();
    file('cert', 'a third');
    await sleep(interval * 4);
    assert.equal(told, 1);
  });
});
