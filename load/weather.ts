/**
 * An example with real data: 50 AEs replay a year of hourly weather in Seattle as contentInstances, a watcher is subscribed to
 * all of their containers, and afterwards the CSE is asked by the standard's means whether everything is there.
 *
 *   npm run weather -- [--url mqtt://127.0.0.1:1883] [--cse-id /id-in] [--cse-name cse-in]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cliProgress from 'cli-progress';
import { readArguments } from './arguments.ts';
import { PlainAe, type WireResponse } from './plain-ae.ts';

interface Hour {
  date: string;
  pressure: number;
  temperature: number;
  wind: number;
}

interface Totals {
  count: number;
  pressure: number;
  temperature: number;
  wind: number;
}

export interface WeatherResult {
  records: number;
  stored: number;
  /** Sums in tenths, so that they compare exactly. */
  sent: Totals;
  retrieved: Totals;
  /** Distinct instances that the watcher was told of. */
  notified: number;
  seconds: number;
}

export interface WeatherOptions {
  url: string;
  /** Level of the CSE in topics. */
  cse: string;
  cseName: string;
  stations: number;
  /** Only so many records. */
  limit?: number;
  progress(done: number, of: number): void;
}

/** The package exports its code only, so the file is named by its place. */
const dataset = join(import.meta.dirname, '../node_modules/vega-datasets/data/seattle-weather-hourly-normals.csv');

export function readHours(): Hour[] {
  const text = readFileSync(dataset, 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [date = '', pressure, temperature, wind] = line.split(',');
      return { date, pressure: Number(pressure), temperature: Number(temperature), wind: Number(wind) };
    });
}

export async function replayWeather(options: WeatherOptions): Promise<WeatherResult> {
  const hours = readHours().slice(0, options.limit);
  // A name of its own for each run: the example can be run again on the same data.
  const run = Date.now().toString(36);
  const watcher = await PlainAe.open(options.url, options.cse, `Cwatch${run}`);
  const seen = new Set<string>();
  watcher.onNotification((content) => {
    const instance = content['m2m:sgn']?.nev?.rep?.['m2m:cin'];
    if (instance?.ri !== undefined) seen.add(instance.ri);
  });
  const stations = await Promise.all(
    Array.from({ length: options.stations }, (_, number) =>
      PlainAe.open(options.url, options.cse, `Cst${number}x${run}`),
    ),
  );
  try {
    await register(options, watcher, stations, run);
    const began = performance.now();
    let done = 0;
    await Promise.all(
      stations.map(async (station, number) => {
        for (let index = number; index < hours.length; index += stations.length) {
          const container = `${options.cseName}/st${number}x${run}/weather`;
          await station.must(2001, { op: 1, to: container, ty: 4, rcn: 0, pc: { 'm2m:cin': { con: hours[index] } } });
          options.progress(++done, hours.length);
        }
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    const { stored, retrieved } = await recount(options, stations, run);
    await until(() => seen.size >= hours.length, 30_000);
    return {
      records: hours.length,
      stored,
      sent: totals(hours),
      retrieved,
      notified: seen.size,
      seconds,
    };
  } finally {
    await Promise.all([watcher, ...stations].map((ae) => ae.close()));
  }
}

async function register(options: WeatherOptions, watcher: PlainAe, stations: PlainAe[], run: string): Promise<void> {
  const registration = (rn: string) => ({
    op: 1,
    to: options.cseName,
    ty: 2,
    pc: { 'm2m:ae': { rn, api: 'Nweather', rr: true, srv: ['3'] } },
  });
  await watcher.must(2001, registration(`watch${run}`));
  const policy = await watcher.must(2001, {
    op: 1,
    to: `${options.cseName}/watch${run}`,
    ty: 1,
    pc: {
      'm2m:acp': {
        rn: 'stations',
        pv: { acr: [{ acor: [`Cst*x${run}`, `Cwatch${run}`], acop: 63 }] },
        pvs: { acr: [{ acor: [`Cwatch${run}`], acop: 63 }] },
      },
    },
  });
  const policyId = contentOf<{ ri: string }>(policy, 'm2m:acp').ri;
  await Promise.all(
    stations.map(async (station, number) => {
      const name = `st${number}x${run}`;
      await station.must(2001, registration(name));
      const container = { 'm2m:cnt': { rn: 'weather', acpi: [policyId], lbl: [`station:${number}`, `run:${run}`] } };
      await station.must(2001, { op: 1, to: `${options.cseName}/${name}`, ty: 3, pc: container });
      const subscription = { 'm2m:sub': { rn: 'watch', nu: [`Cwatch${run}`], enc: { net: [3] } } };
      await watcher.must(2001, { op: 1, to: `${options.cseName}/${name}/weather`, ty: 23, pc: subscription });
    }),
  );
}

/** Counts as the container says, and sums over its instances, in pages. */
async function recount(
  options: WeatherOptions,
  stations: PlainAe[],
  run: string,
): Promise<{ stored: number; retrieved: Totals }> {
  let stored = 0;
  const all: Hour[] = [];
  for (const [number, station] of stations.entries()) {
    const container = `${options.cseName}/st${number}x${run}/weather`;
    const shown = await station.must(2000, { op: 2, to: container });
    stored += contentOf<{ cni: number }>(shown, 'm2m:cnt').cni;
    for (let offset: number | undefined = 1; offset !== undefined; ) {
      const fc: Record<string, unknown> = { ty: [4], lim: 100, ofst: offset };
      const page = await station.must(2000, { op: 2, to: container, rcn: 8, fc });
      const instances = contentOf<{ 'm2m:cin'?: { con: Hour }[] }>(page, 'm2m:cnt')['m2m:cin'] ?? [];
      for (const { con } of instances) all.push(con);
      offset = page.cnst === 1 ? page.cnot : undefined;
    }
  }
  return { stored, retrieved: totals(all) };
}

/** The element that an answer must hold. */
function contentOf<Content>({ pc }: WireResponse, member: string): Content {
  const content = pc?.[member];
  if (content === undefined) throw new Error(`the answer has no ${member}`);
  return content as Content;
}

function totals(hours: readonly Hour[]): Totals {
  const sum = (of: (hour: Hour) => number) => hours.reduce((total, hour) => total + Math.round(of(hour) * 10), 0);
  return {
    count: hours.length,
    pressure: sum(({ pressure }) => pressure),
    temperature: sum(({ temperature }) => temperature),
    wind: sum(({ wind }) => wind),
  };
}

async function until(condition: () => boolean, limit: number): Promise<void> {
  const end = performance.now() + limit;
  while (!condition() && performance.now() < end) await new Promise((resume) => setTimeout(resume, 50));
}

async function main(): Promise<number> {
  const { values } = readArguments({
    options: {
      url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      'cse-id': { type: 'string', default: '/id-in' },
      'cse-name': { type: 'string', default: 'cse-in' },
    },
  });
  const bar = new cliProgress.SingleBar({ format: '{bar} {value}/{total} hours, {duration_formatted}' });
  let started = false;
  const result = await replayWeather({
    url: values.url,
    cse: values['cse-id'].replace(/^\//, ''),
    cseName: values['cse-name'],
    stations: 50,
    progress(done, of) {
      if (!started) bar.start(of, 0);
      started = true;
      bar.update(done);
    },
  });
  bar.stop();
  const line = (name: string, { count, pressure, temperature, wind }: Totals) =>
    console.log(
      `${name.padEnd(10)} ${count} instances, pressure ${pressure / 10}, temperature ${temperature / 10}, wind ${wind / 10}`,
    );
  console.log(`${result.records} hours in ${result.seconds.toFixed(1)} s; the containers count ${result.stored} (cni)`);
  line('sent', result.sent);
  line('retrieved', result.retrieved);
  console.log(`the watcher was told of ${result.notified} instances`);
  const agrees =
    JSON.stringify(result.sent) === JSON.stringify(result.retrieved) &&
    result.stored === result.records &&
    result.notified === result.records;
  console.log(agrees ? 'Everything agrees.' : 'This does not agree!');
  return agrees ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
