/** AE: registration and its end (TS-0004 7.4.5; TS-0001 10.2.2.2; TS-0004 7.4.5). */

import type { CseDescription } from '../cse.ts';
import { isAeIdOfCse, matchesPattern, stemOf } from '../identifiers.ts';
import { isCseBase } from '../operations/find-parent.ts';
import type { RequestSituation } from '../operations/situation.ts';
import { CseError, Status } from '../status-codes.ts';
import { readUrl, refusalOf } from '../subscriptions/notification-address.ts';
import type { Behaviour } from './behaviour.ts';

export const applicationEntityBehaviour: Behaviour = {
  /** Registration asks no policies, but whether this AE may register, and whether it has (TS-0004 7.4.5.2). */
  admit(situation, parent) {
    if (!isCseBase(parent)) return;
    const { cse, known } = situation;
    const stem = wantedStem(situation);
    checkPatterns(stem ?? assignedLetter(situation), cse);
    if (stem === undefined) return;
    if (cse.admin !== undefined && stem === stemOf(cse.admin)) throw refusedByRules();
    if (known.aeHome(cse.number, stem) !== null) {
      throw new CseError(
        Status.originatorHasAlreadyRegistered,
        'An AE with this AE-ID is registered: delete it first, or use another AE-ID.',
      );
    }
  },

  identify(situation, shard) {
    const { cse, input } = situation;
    const id = wantedStem(situation) ?? input.inventId(assignedLetter(situation), shard);
    return { id, creator: id.startsWith('S') ? `/${id}` : `${cse.id}/${id}` };
  },

  create({ situation, resource, effects }) {
    const { cse, input } = situation;
    checkAccessPoints(resource.attributes.poa, cse);
    resource.attributes.aei = resource.id;
    // A registration topic names a credential, not the AE: it is notified by its stem then (decisions "Identity").
    const topicLevel = input.credential === undefined && input.topicLevel !== '' ? input.topicLevel : resource.id;
    resource.hidden = { topicLevel, broker: input.broker };
    effects.changes.push({
      kind: 'aeHome',
      action: 'insert',
      cse: cse.number,
      aeId: resource.id,
      home: resource.shard,
    });
    return undefined;
  },

  modify({ situation, changes }) {
    if (changes.poa !== undefined && changes.poa !== null) checkAccessPoints(changes.poa, situation.cse);
    return undefined;
  },

  remove({ cse }, resource, _parent, effects) {
    effects.changes.push({
      kind: 'aeHome',
      action: 'remove',
      cse: cse.number,
      aeId: resource.id,
      home: resource.shard,
    });
  },
};

/** The AE-ID-Stem that the AE brings along; undefined where the CSE assigns one. */
function wantedStem({ cse, originator }: RequestSituation): string | undefined {
  if (originator === '') return undefined;
  if (isAeIdOfCse(originator, cse)) return stemOf(originator);
  throw new CseError(
    Status.operationNotAllowed,
    'An AE is registered by itself, with an AE-ID that begins with C or S.',
  );
}

function assignedLetter({ request }: RequestSituation): 'C' | 'S' {
  return request.originator === 'S' ? 'S' : 'C';
}

function checkPatterns(stem: string, cse: CseDescription): void {
  if (!cse.registrationPatterns.some((pattern) => matchesPattern(pattern, stem))) throw refusedByRules();
}

function refusedByRules(): CseError {
  return new CseError(Status.appRuleValidationFailed, 'The rules of this CSE do not let this AE-ID register.');
}

/** R27. Points of access by other protocols are kept, and never used. */
function checkAccessPoints(poa: unknown, cse: CseDescription): void {
  if (!Array.isArray(poa)) return;
  for (const text of poa) {
    const address = readUrl(String(text));
    const reason = address.kind === 'mqtt' ? refusalOf(address, cse, false) : undefined;
    if (reason !== undefined) throw new CseError(Status.badRequest, `poa: ${reason}`);
  }
}
