/** The canary: round trips at an interval, exported as metrics, for the alert that does not depend on anything inside. */
import { mqttAddressOf } from '../../platform/addresses.ts';
import { beginProcess } from '../../platform/begin-process.ts';

import type { Lifecycle } from '../../platform/lifecycle.ts';
import type { Log } from '../../platform/logging.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { createSystemClock } from '../../platform/system-clock.ts';
import { OneM2mClient } from '../client/one-m2m-client.ts';
import type { CanarySettings } from './config.ts';
import { type Round, RoundTrip, type Step } from './round-trip.ts';

/** Resolves when round trips are made. Rejects with a clear message if there is no broker. */
export async function startCanary(settings: CanarySettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, checks, adminPort } = await beginProcess('canary', settings);
  const clock = createSystemClock();
  const trip = await openRoundTrip(settings, lifecycle, log);
  let isStopping = false;
  let last: Round['result'] | undefined;
  let wake = () => {};

  async function runRounds(): Promise<void> {
    while (!isStopping) {
      const begun = clock.monotonic();
      const round = await trip.run();
      last = round.result;
      account(round, metrics, clock.now());
      if (round.problem !== undefined)
        log.warn({ result: round.result, problem: round.problem }, 'a round trip failed');
      const left = settings.canaryInterval - (clock.monotonic() - begun);
      if (isStopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, left));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = runRounds();
  await lifecycle.started('round trips', Promise.resolve(), () => {
    isStopping = true;
    wake();
    return running;
  });
  // That the CSE is unwell is what the figures say; the canary itself is ready as soon as it has an outcome.
  checks.canary = () => last !== undefined;
  lifecycle.complete();
  log.info({ adminPort, cse: settings.canaryCseId, interval: settings.canaryInterval }, 'the canary flies');
  return lifecycle;
}

/** One round trip, for a person or a script. */
export async function flyOnce(settings: CanarySettings): Promise<Round> {
  const client = await openClient(settings, () => {});
  try {
    return await roundTripOf(settings, client).run();
  } finally {
    await client.close();
  }
}

async function openRoundTrip(settings: CanarySettings, lifecycle: Lifecycle, log: Log): Promise<RoundTrip> {
  const client = await lifecycle.started(
    'broker',
    openClient(settings, (text) => log.info({}, text)),
    (part) => part.close(),
  );
  return roundTripOf(settings, client);
}

function roundTripOf(settings: CanarySettings, client: OneM2mClient): RoundTrip {
  return new RoundTrip({
    client,
    cseId: settings.canaryCseId,
    originator: settings.canaryOriginator,
    monotonic: createSystemClock().monotonic,
  });
}

function openClient(settings: CanarySettings, notice: (text: string) => void): Promise<OneM2mClient> {
  const { topicPrefix } = settings;
  return OneM2mClient.open({
    address: mqttAddressOf(settings),
    cseId: settings.canaryCseId,
    originator: settings.canaryOriginator,
    serialization: 'json',
    timeLimit: settings.canaryTimeLimit,
    // A second attempt would hide what the canary is there to show.
    tries: 1,
    notice,
    ...(topicPrefix === '' ? {} : { topicPrefix }),
  });
}

function account({ result, took }: Round, metrics: Metrics, now: number): void {
  metrics.canaryRounds.add(1, result);
  for (const [step, ms] of Object.entries(took)) metrics.canarySeconds.observe(ms / 1000, step as Step);
  if (result === 'ok') metrics.canaryLastSuccess.set(now / 1000);
}
