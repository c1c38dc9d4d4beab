/** One run of kills: traffic flows while something dies and comes back, and afterwards every promise holds. */

import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Cluster, ClusterProcess } from '../../infra/local/cluster.ts';
import { type CheckOptions, checkPromises } from './check.ts';
import { Traffic } from './traffic.ts';

/** As the cluster's processes have it by default. */
const cse = { level: 'id-in', name: 'cse-in' };

/** Requests of a run at least; more take longer and find more. */
export const leastRequests = Number(process.env.IN_CSE_KILL_REQUESTS ?? 500);

/** Settings of clusters that are killed: nobody waits long for what is tried again anyway. */
export const settings = {
  IN_CSE_NOTIFICATION_ANSWER_LIMIT: '2s',
  IN_CSE_NOTIFICATION_FIRST_PAUSE: '200ms',
  IN_CSE_NOTIFICATION_LONGEST_PAUSE: '1s',
};

export async function killUnderTraffic(
  test: TestContext,
  name: string,
  cluster: Cluster,
  harm: (traffic: Traffic) => Promise<void>,
  options: CheckOptions = {},
): Promise<void> {
  const laps = new Laps();
  const traffic = await Traffic.prepare({ name, urls: cluster.mqttUrls, cse });
  try {
    laps.done('prepared');
    traffic.start();
    await traffic.flows(50);
    laps.done('flows');
    await harm(traffic);
    laps.done('harmed and back');
    await traffic.finish(leastRequests);
    // Whoever was not killed must not have died of it.
    await Promise.all(cluster.processes.map((each) => each.ready()));
    laps.done('finished');
    await checkPromises(traffic, options);
    laps.done('checked');
    test.diagnostic(`${name}: ${traffic.summary()}; ${laps}`);
  } catch (error) {
    for (const each of cluster.processes) console.error(lastTroubles(each));
    throw error;
  } finally {
    await traffic.close();
  }
}

/** What a process last warned of. */
function lastTroubles({ name, pid, logFile }: ClusterProcess): string {
  const lines = readFileSync(logFile, 'utf8').split('\n');
  const troubles = lines.filter((line) => line !== '' && !/^\{"level":"(debug|info)"/.test(line)).slice(-30);
  return `${name} (${pid === undefined ? 'not running' : 'running'}):\n${troubles.join('\n')}`;
}

/** Where the time of a run goes, for a person who reads it. */
class Laps {
  readonly #texts: string[] = [];
  #begun = performance.now();

  done(what: string): void {
    const now = performance.now();
    this.#texts.push(`${what} ${((now - this.#begun) / 1000).toFixed(1)} s`);
    this.#begun = now;
  }

  toString(): string {
    return this.#texts.join(', ');
  }
}
