/** Labels that several metrics have, with all their values. What stands in the standard is compared with core by a test. */
import { label, numberLabel } from '../metric-types.ts';

/** `unread`: the request could not be read. */
export const operationLabel = label('operation', ['create', 'retrieve', 'update', 'delete', 'notify', 'unread']);

/** TS-0004 6.6.3. */
export const statusLabel = numberLabel('status', 1000, 6999);

/** TS-0004 6.3.4.2.1, long names; `none`: there was no such resource, or it was not looked for. */
export const typeLabel = label<string>('type', [
  'none',
  ...'accessControlPolicy AE container contentInstance CSEBase delivery eventConfig execInstance group'.split(' '),
  ...'locationPolicy m2mServiceSubscriptionProfile mgmtCmd mgmtObj node pollingChannel remoteCSE request'.split(' '),
  ...'schedule serviceSubscribedAppRule serviceSubscribedNode statsCollect statsConfig subscription'.split(' '),
  ...'semanticDescriptor notificationTargetMgmtPolicyRef notificationTargetPolicy policyDeletionRules'.split(' '),
  ...'flexContainer timeSeries timeSeriesInstance role token dynamicAuthorizationConsultation'.split(' '),
  ...'authorizationDecision authorizationPolicy authorizationInformation ontologyRepository ontology'.split(' '),
  ...'semanticMashupJobProfile semanticMashupInstance semanticMashupResult AEContactList'.split(' '),
  ...'AEContactListPerCSE localMulticastGroup multimediaSession triggerRequest crossResourceSubscription'.split(' '),
  ...'backgroundDataTransfer transactionMgmt transaction flexContainerInstance timeSyncBeacon'.split(' '),
  ...'primitiveProfile processManagement state action dependency announced'.split(' '),
]);

/** Partitions of a log: a deployment has at most as many as there are shards. */
export const partitionLabel = numberLabel('partition', 0, 4095);

export const logLabel = label('log', ['requests', 'outbound', 'dead-letters']);

/** Why ingress neither puts a message into the log nor answers it. */
export const dropReasons = [
  'foreign topic',
  'unknown CSE',
  'wrong levels',
  'unreadable responder',
  'unknown type of an answer',
  'probe',
  'retained',
  'no response on a response topic',
  'answer to nothing',
  'answer too large',
  'too many answers',
  'abandoned connection',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Seconds. */
export const latencyBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
export const batchBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
