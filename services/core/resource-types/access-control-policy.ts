/** accessControlPolicy (TS-0004 7.4.2): who may do what. `pv` is for resources that link it, `pvs` for itself. */
import { Operation } from '../primitives.ts';
import { CseError, Status } from '../status-codes.ts';
import { announcement, announceSyncType, expirationTime, labels, universalAttributes } from './common-attributes.ts';
import { attribute, defineResourceType } from './definition.ts';
import { typesNamed } from './known-types.ts';

/** There is no distributed authorization yet. */
const distributed = { since: 'R2/R3', atLeastOne: true, supported: false } as const;

export const accessControlPolicy = defineResourceType({
  type: 1,
  long: 'accessControlPolicy',
  member: 'm2m:acp',
  operations: [Operation.create, Operation.retrieve, Operation.update, Operation.delete],
  parents: typesNamed('AE', 'CSEBase', 'remoteCSE', 'AEAnnc', 'CSEBaseAnnc', 'remoteCSEAnnc'),
  children: typesNamed('subscription', 'transaction'),
  virtualChildren: [],
  policies: 'self',
  creatable: true,
  attributes: [
    ...universalAttributes,
    expirationTime,
    labels,
    ...announcement,
    attribute('pv', 'privileges', 'm2m:setOfAcrs', '1', 'M/O', 'MA'),
    attribute('pvs', 'selfPrivileges', 'm2m:setOfAcrs', '1', 'M/O', 'MA'),
    attribute('adri', 'authorizationDecisionResourceIDs', 'xs:anyURI[]', '0..1', 'O/O', 'MA', distributed),
    attribute('apri', 'authorizationPolicyResourceIDs', 'xs:anyURI[]', '0..1', 'O/O', 'MA', distributed),
    attribute('airi', 'authorizationInformationResourceIDs', 'xs:anyURI[]', '0..1', 'O/O', 'MA', distributed),
    announceSyncType,
  ],
  rule({ pvs }) {
    // TS-0004 7.4.2: without a rule nobody could ever change the policy again.
    const rules = (pvs as { acr?: unknown[] } | undefined)?.acr;
    if (rules === undefined || rules.length === 0) {
      throw new CseError(
        Status.badRequest,
        'pvs must hold at least one rule (acr): it says who may change this policy.',
      );
    }
  },
});
