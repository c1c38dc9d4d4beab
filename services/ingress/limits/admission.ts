/**
 * Whether a request may come in, by who sends it and to which CSE, before anything of it is read: whoever sends too much slows
 * only itself. Messages that the broker sends again (DUP) are never refused (R29), but they count.
 */
import type { CseDescription } from '../../core/cse.ts';
import { Status } from '../../core/status-codes.ts';
import type { Refusal } from '../admit-request.ts';
import type { Arrival } from '../arrival.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { IngressFlowSettings } from '../parts.ts';
import type { ReadableTopic } from '../topic-reader.ts';
import { Budget, type Terms } from './budget.ts';

export const admissionLimits = ['originator rate', 'originator in flight', 'CSE rate', 'CSE in flight'] as const;
export type AdmissionLimit = (typeof admissionLimits)[number];

export interface AdmissionSettings {
  /** Of each originator. */
  originator: Terms;
  /** Answers of each device, a second; 0: no bound. */
  answerRate: number;
  /** Of each CSE; its rate is a quota of the CSE itself. */
  cseInFlight: number;
  /** Originators whose budgets are kept. */
  originatorsKept: number;
  /** Whether somebody calls {@link Admission.takeActive}. */
  isShared: boolean;
}

/** What is in the way of an arrival. */
export interface AdmissionRefusal {
  limit: AdmissionLimit;
  /** Nobody was told for a while: worth a line in the log, where one for each refusal would be a flood of its own. */
  isNews: boolean;
}

const silence = 10_000;

/** The budgets that an arrival draws on until it is settled. */
export interface Spending {
  readonly originator: Budget;
  readonly cse: Budget;
}

export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #originators: BoundedMap<string, Budget>;
  readonly #cses = new Map<number, Budget>();
  readonly #active = new Set<Budget>();

  constructor(settings: AdmissionSettings) {
    this.#settings = settings;
    this.#originators = new BoundedMap(settings.originatorsKept);
  }

  /** Lets the arrival in, or says what is in the way. `now`: monotonic, ms. */
  admit(arrival: Arrival, now: number): AdmissionRefusal | undefined {
    const originator = this.#originatorOf(arrival.topic, now);
    const cse = this.#cseOf(arrival.topic.cse, now);
    const limit = limitOf(originator, cse, now);
    if (limit !== undefined && !arrival.message.duplicate) {
      const budget = limit.startsWith('CSE') ? cse : originator;
      const isNews = now - budget.toldAt >= silence;
      if (isNews) budget.toldAt = now;
      return { limit, isNews };
    }
    originator.letIn();
    cse.letIn();
    if (this.#settings.isShared) this.#active.add(originator).add(cse);
    arrival.spending = { originator, cse };
    return undefined;
  }

  /** The arrival is in the log, answered or given up. */
  settle(arrival: Arrival): void {
    const { spending } = arrival;
    if (spending === undefined) return;
    spending.originator.inFlight--;
    spending.cse.inFlight--;
    arrival.spending = undefined;
  }

  /** Budgets with a rate that were drawn on since the last call. */
  takeActive(): Budget[] {
    const active = [...this.#active].filter(({ rate }) => rate > 0);
    this.#active.clear();
    return active;
  }

  #originatorOf(topic: ReadableTopic, now: number): Budget {
    const key = keyOf(topic);
    let budget = this.#originators.get(key);
    if (budget === undefined) {
      budget = new Budget(key, this.#termsOf(topic), now);
      this.#originators.set(key, budget);
    }
    return budget;
  }

  #cseOf({ number, quotas }: CseDescription, now: number): Budget {
    const rate = quotas?.requestsPerSecond ?? 0;
    let budget = this.#cses.get(number);
    if (budget === undefined) {
      budget = new Budget(`cse/${number}`, this.#cseTerms(rate), now);
      this.#cses.set(number, budget);
    } else if (budget.rate !== rate) budget.change(this.#cseTerms(rate), now);
    return budget;
  }

  /** Answers have a budget of their own: one that is dropped comes back as a repeated notification. */
  #termsOf({ kind }: ReadableTopic): Terms {
    const { originator, answerRate } = this.#settings;
    return kind === 'request' ? originator : { rate: answerRate, burst: answerRate, inFlight: 0 };
  }

  /** A second's worth may come at once. */
  #cseTerms(rate: number): Terms {
    return { rate, burst: rate, inFlight: this.#settings.cseInFlight };
  }
}

function limitOf(originator: Budget, cse: Budget, now: number): AdmissionLimit | undefined {
  const own = originator.refuse(now);
  if (own !== undefined) return `originator ${own}`;
  const common = cse.refuse(now);
  if (common === undefined) return undefined;
  originator.giveBack();
  return `CSE ${common}`;
}

/** On a registration topic the credential is who asks. */
function keyOf(topic: ReadableTopic): string {
  const { number } = topic.cse;
  if (topic.kind === 'response') return `${number}/answers/${topic.responder}`;
  return topic.originator === '' ? `${number}/registers/${topic.originatorLevel}` : `${number}/${topic.originator}`;
}

export function admissionSettingsOf(settings: IngressFlowSettings): Omit<AdmissionSettings, 'isShared'> {
  const { originatorRate: rate, originatorBurst: burst, originatorInFlight: inFlight } = settings;
  const { answerRate, cseInFlight, originatorsKept } = settings;
  return { originator: { rate, burst, inFlight }, answerRate, cseInFlight, originatorsKept };
}

const refusalTexts: Readonly<Record<AdmissionLimit, string>> = {
  'originator rate': 'This originator sends more requests a second than it may.',
  'originator in flight': 'This originator has more requests under way than it may.',
  'CSE rate': 'The originators of this CSE together send more requests a second than they may.',
  'CSE in flight': 'The originators of this CSE together have more requests under way than they may.',
};

/** The same code as for an overload (decisions "Behaviour"): the standard has none for one who sends too much. */
export function refusalOf(limit: AdmissionLimit): Refusal {
  const text = `${refusalTexts[limit]} This one was not taken: repeat it later with the same rqi.`;
  return { code: Status.internalServerError, text };
}
