/** The targets of a subscription: who is checked, numbered, asked before (TS-0004 7.4.8.2.1, 7.5.1.2.3; R23, R27). */
import { structuredAddress } from '../addressing.ts';
import type { CseDescription } from '../cse.ts';
import type { DecisionInput, ExchangeIntent } from '../decision.ts';
import { relativeForm } from '../identifiers.ts';
import { firstNameOf, pathOfChild } from '../operations/find-parent.ts';
import type { Situation } from '../operations/situation.ts';
import type { Attributes } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { shardOfName } from '../sharding.ts';
import { CseError, Status } from '../status-codes.ts';
import { readNotificationAddress, refusalOf } from './notification-address.ts';

/** As kept in `hidden.targets`. */
export interface NotificationTarget {
  /** What notifications are addressed to: the `nu` entry, or the AE-ID where the entry is the path of an AE. */
  address: string;
  /** Number of its queue, from 1 on, never used again within the subscription. `su` has the number 0. */
  number: number;
}

/** What `hidden` of a subscription holds. */
interface HiddenTargets extends Attributes {
  targets: NotificationTarget[];
  nextTarget: number;
  /** Where the notice to `su` goes. */
  subscriber?: string;
}

const aeType = 2;
const aeOfPath = 'A notification target is no AE of this CSE.';

export function targetsOf(subscription: StoredResource): readonly NotificationTarget[] {
  return (subscription.hidden as HiddenTargets | undefined)?.targets ?? [];
}

/** Checks an entry and gives what is addressed. Throws 4000, 5001, or 5204 for what cannot be reached. */
export function checkedAddress(situation: Situation, entry: string): { address: string; entity?: string } {
  const { cse, known } = situation;
  const read = readNotificationAddress(entry, cse);
  switch (read.kind) {
    case 'invalid':
      throw new CseError(Status.badRequest, read.reason);
    case 'unsupported':
      throw new CseError(Status.notImplemented, read.reason);
    case 'mqtt': {
      const reason = refusalOf(read, cse, true);
      if (reason !== undefined) throw new CseError(Status.badRequest, reason);
      return { address: entry };
    }
    case 'entity':
      return { address: entry, entity: read.id };
    case 'resource': {
      const ae = known.resourceAt(cse.number, shardOfName(cse.number, firstNameOf(read.path)), read.path);
      if (ae?.type !== aeType) throw new CseError(Status.subscriptionVerificationInitiationFailed, aeOfPath);
      const entity = ae.id.startsWith('S') ? `/${ae.id}` : `${cse.id}/${ae.id}`;
      return { address: entity, entity };
    }
  }
}

/** Numbers for the entries of `nu`: a target that stays keeps its own. */
export function numberTargets(addresses: readonly string[], before: Attributes | undefined): HiddenTargets {
  const { targets: old = [], nextTarget = 1, ...rest } = (before ?? {}) as Partial<HiddenTargets>;
  let next = nextTarget;
  const targets = [...new Set(addresses)].map(
    (address) => old.find((target) => target.address === address) ?? { address, number: next++ },
  );
  return { ...rest, targets, nextTarget: next };
}

/** How long the targets have for their answers, ms. */
const verificationTimeLimit = 10_000;

/** Where a subscription stands, or is to stand. Below the CSEBase it does not live in the shard of its parent. */
export interface SubscriptionPlace {
  parent: StoredResource;
  name: string | undefined;
  shard: number;
}

/**
 * Targets that are AEs or CSEs, but not the originator, are asked before the subscription stands (R19). Gives the questions;
 * nothing where nobody is to be asked, or all have agreed. Throws 5204 where one has not.
 */
export function verifyTargets(
  input: DecisionInput,
  { parent, name, shard }: SubscriptionPlace,
  entities: readonly { address: string; entity?: string }[],
): ExchangeIntent | undefined {
  const { cse, originator, answers } = input;
  const asked = entities.filter(({ entity }) => entity !== undefined && entity !== originator);
  if (asked.length === 0) return undefined;
  if (asked.some(({ entity }) => entity === cse.id)) {
    throw new CseError(Status.subscriptionVerificationInitiationFailed, 'This CSE is no target of its own.');
  }
  if (answers !== undefined) {
    for (const { address } of asked) checkAnswer(address, answers);
    return undefined;
  }
  const content = {
    'm2m:sgn': { vrq: true, sur: futureAddress(parent, name, cse), cr: relativeForm(originator, cse) },
  };
  return {
    purpose: 'verification',
    questions: asked.map(({ address }) => ({ target: address, content })),
    shard,
    timeLimit: verificationTimeLimit,
  };
}

function checkAnswer(address: string, answers: NonNullable<DecisionInput['answers']>): void {
  const code = answers.find(({ target }) => target === address)?.responseStatusCode;
  if (code === Status.ok) return;
  throw new CseError(
    Status.subscriptionVerificationInitiationFailed,
    `The notification target ${address.slice(0, 80)} did not agree (${code ?? 'no answer'}).`,
  );
}

/** The subscription has no ID before it is made: `sur` is its structured address, or that of its parent if it has no name yet. */
function futureAddress(parent: StoredResource, name: string | undefined, cse: CseDescription): string {
  const path = name === undefined ? parent.path : pathOfChild(parent, name);
  return `${cse.id}/${structuredAddress({ path }, cse)}`;
}
