/** Clients that others wrote, driven as programs of their own. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { locatePythonWithPaho } from '../../infra/local/prerequisites.ts';
import { until } from '../system/device.ts';

const run = promisify(execFile);

export interface ForeignTarget {
  url: string;
  /** Level of the CSE in topics, name of its CSEBase. */
  cse: { level: string; name: string };
}

export type MqttVersion = '311' | '5';

/** What `device.py` saw. */
export interface PythonReport {
  told: { index: number; text: string }[];
  latest: unknown;
  instances: number;
  labels: string[];
  found: number;
  gone: number;
}

export async function runPythonDevice(
  target: ForeignTarget,
  version: MqttVersion,
  stem: string,
): Promise<PythonReport> {
  const python = locatePythonWithPaho();
  assert.ok(python !== undefined);
  const { hostname, port } = new URL(target.url);
  const { level, name } = target.cse;
  const script = join(import.meta.dirname, 'device.py');
  const { stdout } = await run(python, [script, hostname, port, version, stem, level, name], { timeout: 120_000 });
  return JSON.parse(stdout) as PythonReport;
}

/** What arrived, a line each: the topic, a blank, the payload. */
export class MosquittoSubscriber {
  readonly #lines: string[] = [];

  constructor(t: TestContext, target: ForeignTarget, version: MqttVersion, filters: string[]) {
    const topics = filters.flatMap((filter) => ['-t', filter]);
    const args = [...connection(target, version), '-q', '1', '-F', '%t %p', ...topics];
    const child: ChildProcess = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let begun = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (begun + text).split('\n');
      begun = lines.pop() ?? '';
      this.#lines.push(...lines);
    });
    t.after(() => child.kill());
  }

  find(wanted: (topic: string, payload: string) => boolean): { topic: string; payload: string } | undefined {
    for (const line of this.#lines) {
      const end = line.indexOf(' ');
      const [topic, payload] = [line.slice(0, end), line.slice(end + 1)];
      if (wanted(topic, payload)) return { topic, payload };
    }
    return undefined;
  }
}

export async function mosquittoPublish(
  target: ForeignTarget,
  version: MqttVersion,
  topic: string,
  payload: string,
): Promise<void> {
  await run('mosquitto_pub', [...connection(target, version), '-q', '1', '-t', topic, '-m', payload]);
}

function connection({ url }: ForeignTarget, version: MqttVersion): string[] {
  const { hostname, port } = new URL(url);
  return ['-h', hostname, '-p', port, '-V', version === '5' ? 'mqttv5' : 'mqttv311'];
}

/** Publishes until the answer is there: whether a subscriber of another program is ready, nobody says. */
export async function askByMosquitto(
  subscriber: MosquittoSubscriber,
  publish: () => Promise<void>,
  wanted: (topic: string, payload: string) => boolean,
): Promise<{ topic: string; payload: string }> {
  for (let tries = 0; tries < 30; tries++) {
    await publish();
    const found = await until('the answer', () => subscriber.find(wanted), 1000).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return assert.fail('no answer after 30 tries');
}
