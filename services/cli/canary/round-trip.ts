/** One round trip through the real path, as a device would make it: create an instance, read the latest, delete it. */
import { Operation, type PrimitiveContent } from '../../core/primitives.ts';
import { isSuccess, Status } from '../../core/status-codes.ts';
import { NoAnswer, type OneM2mClient } from '../client/one-m2m-client.ts';

export type Step = 'create' | 'latest' | 'delete';
export type RoundResult = 'ok' | 'unanswered' | 'refused' | 'wrong';

export interface Round {
  result: RoundResult;
  /** ms of each step that was answered. */
  took: Partial<Record<Step, number>>;
  /** What went wrong, for the log. */
  problem?: string;
}

export interface RoundTripOptions {
  client: Pick<OneM2mClient, 'request'>;
  cseId: string;
  /** AE-ID and resource name of the canary. */
  originator: string;
  /** Monotonic, ms. */
  monotonic(): number;
}

const containerName = 'canary';
/** Instances of rounds whose deletion failed go by themselves. */
const keptInstances = 5;
const containerType = 3;
const instanceType = 4;
const applicationEntityType = 2;

class Refused extends Error {
  override name = 'Refused';
}

export class RoundTrip {
  readonly #options: RoundTripOptions;
  #isPrepared = false;
  #rounds = 0;

  constructor(options: RoundTripOptions) {
    this.#options = options;
  }

  /** Never rejects. What it needs (its AE, its container) is made when it is missing, also when somebody removed it. */
  async run(): Promise<Round> {
    const took: Round['took'] = {};
    try {
      if (!this.#isPrepared) await this.#prepare();
      this.#isPrepared = true;
      return await this.#run(took);
    } catch (error) {
      this.#isPrepared = false;
      if (error instanceof NoAnswer) return { result: 'unanswered', took, problem: error.message };
      return { result: 'refused', took, problem: (error as Error).message };
    }
  }

  async #run(took: Round['took']): Promise<Round> {
    const said = `${++this.#rounds} at ${new Date().toISOString()}`;
    const created = await this.#timed(took, 'create', {
      operation: Operation.create,
      to: this.#container,
      resourceType: instanceType,
      content: { 'm2m:cin': { con: said } },
    });
    const latest = await this.#timed(took, 'latest', { operation: Operation.retrieve, to: `${this.#container}/la` });
    const name = attributeOf(created, 'rn');
    await this.#timed(took, 'delete', { operation: Operation.delete, to: `${this.#container}/${name}` });
    const read = attributeOf(latest, 'con');
    if (read === said) return { result: 'ok', took };
    return { result: 'wrong', took, problem: `"${said}" was created, and the latest was "${read}"` };
  }

  get #container(): string {
    const { cseId, originator } = this.#options;
    return `${cseId}/-/${originator}/${containerName}`;
  }

  async #prepare(): Promise<void> {
    const { cseId, originator } = this.#options;
    await this.#ask([Status.conflict, Status.originatorHasAlreadyRegistered], {
      operation: Operation.create,
      to: cseId,
      resourceType: applicationEntityType,
      content: { 'm2m:ae': { rn: originator, api: 'Ncanary', rr: false, srv: ['3'] } },
    });
    await this.#ask([Status.conflict], {
      operation: Operation.create,
      to: `${cseId}/-/${originator}`,
      resourceType: containerType,
      content: { 'm2m:cnt': { rn: containerName, mni: keptInstances } },
    });
  }

  async #timed(took: Round['took'], step: Step, request: Question): Promise<PrimitiveContent | undefined> {
    const begun = this.#options.monotonic();
    const content = await this.#ask([], request);
    took[step] = this.#options.monotonic() - begun;
    return content;
  }

  /** The content of the answer. Throws {@link Refused} for an error that is not among those `allowed`. */
  async #ask(allowed: readonly number[], request: Question): Promise<PrimitiveContent | undefined> {
    const { client, originator } = this.#options;
    const { primitive } = await client.request({ ...request, originator, releaseVersion: '3' });
    const { responseStatusCode: code, content } = primitive;
    if (isSuccess(code) || allowed.includes(code)) return content;
    throw new Refused(`${code} for ${request.to}: ${String(content?.['m2m:dbg'] ?? '')}`);
  }
}

type Question = Omit<Parameters<OneM2mClient['request']>[0], 'originator' | 'releaseVersion'>;

function attributeOf(content: PrimitiveContent | undefined, name: string): unknown {
  const [resource] = Object.values(content ?? {});
  return typeof resource === 'object' && resource !== null ? (resource as Record<string, unknown>)[name] : undefined;
}
