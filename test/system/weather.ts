import assert from 'node:assert/strict';
import { readHours, replayWeather } from '../../load/weather.ts';
import { firstCse } from './settings.ts';

const stations = 50;

/** Replays hours of weather (all of them unless limited), and compares what was sent, stored, retrieved and told. */
export async function checkWeather(url: string, limit?: number): Promise<void> {
  const result = await replayWeather({
    url,
    cse: firstCse.level,
    cseName: firstCse.name,
    stations,
    ...(limit === undefined ? {} : { limit }),
    progress: () => {},
  });
  const expected = limit ?? readHours().length;
  const { records, stored, notified, sent, retrieved } = result;
  assert.deepEqual({ records, stored, notified }, { records: expected, stored: expected, notified: expected });
  assert.deepEqual(retrieved, sent);
}
