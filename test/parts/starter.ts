/** For local-parts.test.ts: starts parts, says what they are, and waits to be ended. Arguments: names of parts. */
import { startMosquitto } from '../../infra/local/mosquitto.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import { startRedis } from '../../infra/local/redis.ts';

const starters = { mosquitto: startMosquitto, postgres: startPostgres, redis: startRedis };
const names = process.argv.slice(2) as (keyof typeof starters)[];
const parts = await Promise.all(names.map((name) => starters[name]()));
// The parts themselves keep nobody alive.
setInterval(() => {}, 1000);
process.send?.({ pids: parts.flatMap(({ pids }) => pids) });
