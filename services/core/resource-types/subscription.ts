/** subscription (TS-0004 7.4.8): who is told of what happens to its parent. */
import { type Attributes, Operation } from '../primitives.ts';
import { CseError, Status } from '../status-codes.ts';
import {
  consultationIds,
  creator,
  custodian,
  expirationTime,
  labels,
  notAnnounced,
  policyIds,
  universalAttributes,
} from './common-attributes.ts';
import { attribute, defineResourceType } from './definition.ts';
import { typesNamed } from './known-types.ts';

/** What is not built yet and would change who gets what, or when. */
const unsupported = { supported: false } as const;
/** False is how this CSE behaves. */
const onlyFalse = { supported: [false] } as const;

/** nct that a net allows, the default first (TS-0001 table 9.6.8-4). */
const contentTypesOf: Readonly<Record<number, readonly number[]>> = {
  1: [1, 2, 3],
  2: [1, 3],
  3: [1, 3],
  4: [1, 3],
  5: [1, 3],
  6: [4],
  7: [2],
  8: [5],
};

/** Event types that a subscription asks for; without any it is told of updates (TS-0004 7.4.8.2.1). */
export function eventTypesOf(attributes: Attributes): readonly number[] {
  const net = (attributes.enc as { net?: number[] } | undefined)?.net;
  return net === undefined || net.length === 0 ? [1] : net;
}

function checkEventsAndContent(attributes: Attributes): void {
  const criteria = attributes.enc as { net?: number[]; om?: unknown; chty?: unknown } | undefined;
  if (criteria?.om !== undefined && criteria.net !== undefined) {
    throw new CseError(Status.badRequest, 'enc must not have both net and om.');
  }
  const { nct } = attributes;
  if (nct === undefined) return;
  for (const net of eventTypesOf(attributes)) {
    const allowed = contentTypesOf[net] ?? [];
    if (!allowed.includes(nct as number)) {
      throw new CseError(
        Status.badRequest,
        `nct ${String(nct)} does not go with net ${net}, which allows ${allowed.join(', ')}.`,
      );
    }
  }
}

export const subscription = defineResourceType({
  type: 23,
  long: 'subscription',
  member: 'm2m:sub',
  operations: [Operation.create, Operation.retrieve, Operation.update, Operation.delete],
  parents: typesNamed(
    'accessControlPolicy',
    'AE',
    'container',
    'CSEBase',
    'delivery',
    'eventConfig',
    'execInstance',
    'group',
    'locationPolicy',
    'm2mServiceSubscriptionProfile',
    'mgmtCmd',
    'mgmtObj',
    'node',
    'remoteCSE',
    'request',
    'schedule',
    'serviceSubscribedAppRule',
    'serviceSubscribedNode',
    'statsCollect',
    'statsConfig',
    'semanticDescriptor',
    'notificationTargetMgmtPolicyRef',
    'notificationTargetPolicy',
    'policyDeletionRules',
    'flexContainer',
    'timeSeries',
    'role',
    'token',
    'dynamicAuthorizationConsultation',
    'authorizationDecision',
    'authorizationPolicy',
    'authorizationInformation',
    'ontologyRepository',
    'ontology',
    'semanticMashupJobProfile',
    'semanticMashupInstance',
    'semanticMashupResult',
    'AEContactList',
    'multimediaSession',
    'triggerRequest',
    'backgroundDataTransfer',
    'transactionMgmt',
    'transaction',
    'timeSyncBeacon',
    'primitiveProfile',
    'processManagement',
    'state',
    'action',
    'dependency',
    'accessControlPolicyAnnc',
    'AEAnnc',
    'containerAnnc',
    'CSEBaseAnnc',
    'groupAnnc',
    'mgmtObjAnnc',
    'nodeAnnc',
    'remoteCSEAnnc',
    'semanticDescriptorAnnc',
    'flexContainerAnnc',
    'timeSeriesAnnc',
    'ontologyRepositoryAnnc',
    'ontologyAnnc',
    'semanticMashupJobProfileAnnc',
    'semanticMashupInstanceAnnc',
    'semanticMashupResultAnnc',
    'timeSyncBeaconAnnc',
    'primitiveProfileAnnc',
    'processManagementAnnc',
    'stateAnnc',
    'actionAnnc',
    'dependencyAnnc',
  ),
  children: typesNamed('schedule', 'notificationTargetMgmtPolicyRef', 'transaction'),
  virtualChildren: ['ntsr'],
  policies: 'own',
  creatable: true,
  attributes: [
    ...universalAttributes,
    notAnnounced(policyIds),
    notAnnounced(expirationTime),
    notAnnounced(labels),
    notAnnounced(consultationIds),
    creator,
    attribute('enc', 'eventNotificationCriteria', 'm2m:eventNotificationCriteria', '0..1', 'O/O', 'NA'),
    attribute('exc', 'expirationCounter', 'xs:positiveInteger', '0..1', 'O/O', 'NA'),
    attribute('nu', 'notificationURI', 'xs:anyURI[]', '1', 'M/O', 'NA'),
    attribute('gpi', 'groupID', 'xs:anyURI', '0..1', 'O/O', 'NA', unsupported),
    attribute('nfu', 'notificationForwardingURI', 'xs:anyURI', '0..1', 'O/O', 'NA', unsupported),
    attribute('bn', 'batchNotify', 'm2m:batchNotify', '0..1', 'O/O', 'NA', unsupported),
    attribute('rl', 'rateLimit', 'm2m:rateLimit', '0..1', 'O/O', 'NA', unsupported),
    attribute('psn', 'preSubscriptionNotify', 'xs:positiveInteger', '0..1', 'O/NP', 'NA', unsupported),
    attribute('pn', 'pendingNotification', 'm2m:pendingNotification', '0..1', 'O/O', 'NA'),
    attribute('nsp', 'notificationStoragePriority', 'xs:positiveInteger', '0..1', 'O/O', 'NA', unsupported),
    attribute('ln', 'latestNotify', 'xs:boolean', '0..1', 'O/O', 'NA', onlyFalse),
    // The default of every net that is supported; the standard wants a value to be stored always.
    attribute('nct', 'notificationContentType', 'm2m:notificationContentType', '1', 'O/O', 'NA', { default: 1 }),
    attribute('nec', 'notificationEventCat', 'm2m:eventCat', '0..1', 'O/O', 'NA', unsupported),
    attribute('su', 'subscriberURI', 'xs:anyURI', '0..1', 'O/NP', 'NA'),
    attribute('acrs', 'associatedCrossResourceSub', 'xs:anyURI[]', '0..1', 'O/O', 'NA', {
      since: 'R2/R3',
      atLeastOne: true,
      ...unsupported,
    }),
    custodian,
    // After ACME: statistics, and the originator of the event in notifications.
    attribute('nse', 'notificationStatsEnable', 'xs:boolean', '0..1', 'O/O', 'NA', { since: 'R4', ...onlyFalse }),
    attribute('nsi', 'notificationStatsInfo', 'm2m:setOfNotificationStatsInfo[]', '0..1', 'NP/NP', 'NA', {
      since: 'R4',
    }),
    attribute('eeno', 'enableEventNotificationOriginator', 'xs:boolean', '0..1', 'O/O', 'NA', {
      since: 'R4',
      ...onlyFalse,
    }),
  ],
  rule: checkEventsAndContent,
});
