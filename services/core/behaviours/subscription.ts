/** subscription: its targets, and who must agree before it stands (TS-0004 7.4.8.2; TS-0004 7.4.8). */
import { AccessOperation } from '../access-control.ts';
import type { Change, ExchangeIntent } from '../decision.ts';
import { Limits } from '../limits.ts';
import { findParent } from '../operations/find-parent.ts';
import type { RequestSituation, Situation } from '../operations/situation.ts';
import type { Attributes } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { isChildType } from '../resource-types/registry.ts';
import { CseError, Status } from '../status-codes.ts';
import { tellEnd } from '../subscriptions/events.ts';
import { checkedAddress, numberTargets, targetsOf, verifyTargets } from '../subscriptions/notification-targets.ts';
import type { Behaviour } from './behaviour.ts';

export const subscriptionBehaviour: Behaviour = {
  rightsOnParent: [AccessOperation.create, AccessOperation.retrieve],

  create({ situation, parent, given, resource, effects }) {
    checkRoom(situation, parent);
    checkChildTypes(resource.attributes, parent);
    const targets = addressesOf(situation, resource.attributes);
    resource.hidden = numberTargets(
      targets.map(({ address }) => address),
      undefined,
    );
    if (typeof given.su === 'string') resource.hidden.subscriber = checkedAddress(situation, given.su).address;
    if (parent.id === situation.cse.baseId) effects.changes.push(baseChange(situation));
    const name = typeof given.rn === 'string' ? given.rn : undefined;
    return verifyTargets(situation.input, { parent, name, shard: resource.shard }, targets);
  },

  modify({ situation, before, changes, resource, effects }): ExchangeIntent | undefined {
    const parent = findParent(situation, before);
    if (parent === null) return undefined;
    checkChildTypes(resource.attributes, parent);
    if (parent.id === situation.cse.baseId) effects.changes.push(baseChange(situation));
    if (changes.nu === undefined) return undefined;
    const targets = addressesOf(situation, resource.attributes);
    const known = new Set(targetsOf(before).map(({ address }) => address));
    resource.hidden = numberTargets(
      targets.map(({ address }) => address),
      before.hidden,
    );
    const added = targets.filter(({ address }) => !known.has(address));
    return verifyTargets(situation.input, { parent, name: before.name, shard: before.shard }, added);
  },

  remove(situation, resource, _parent, effects) {
    effects.notifications.push(...tellEnd(resource, situation.cse));
    if (resource.parentId === situation.cse.baseId) effects.changes.push(baseChange(situation));
  },
};

function addressesOf(situation: RequestSituation, { nu }: Attributes): { address: string; entity?: string }[] {
  const entries = Array.isArray(nu) ? (nu as string[]) : [];
  if (entries.length === 0) throw new CseError(Status.badRequest, 'nu must name at least one notification target.');
  return entries.map((entry) => checkedAddress(situation, entry));
}

function checkRoom({ known }: RequestSituation, parent: StoredResource): void {
  const most = Limits.subscriptionsPerResource;
  if (known.subscriptions(parent).length < most) return;
  throw new CseError(Status.notAcceptable, `The resource has ${most} subscriptions already, as many as it may.`);
}

function checkChildTypes({ enc }: Attributes, parent: StoredResource): void {
  const types = (enc as { chty?: number[] } | undefined)?.chty ?? [];
  const wrong = types.find((type) => !isChildType(parent.type, type));
  if (wrong !== undefined) {
    throw new CseError(Status.badRequest, `enc.chty: a resource of type ${wrong} cannot be a child of the parent.`);
  }
}

/** R22: registrations rely on the list of these subscriptions. */
function baseChange({ cse }: Situation): Change {
  return { kind: 'baseSubscriptions', action: 'change', cse: cse.number };
}
