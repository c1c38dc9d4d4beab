/** Real input: a year of hourly weather goes in, and comes out as it was (the example of `npm run weather`). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readHours } from '../../load/weather.ts';
import { startEmbeddedProcess } from './embedded-process.ts';
import { checkWeather } from './weather.ts';

it('promises 1 to 3, embedded: all 8,759 hours are stored and told once, and their sums agree', async (t) => {
  assert.equal(readHours().length, 8759);
  const embedded = await startEmbeddedProcess({ keep: true });
  t.after(() => embedded.stop());
  await checkWeather(embedded.url);
});
