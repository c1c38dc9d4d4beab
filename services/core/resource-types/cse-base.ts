/** CSEBase (TS-0004 7.4.3): made by the operator's configuration, never by a request. */
import type { CseDescription } from '../cse.ts';
import { Operation } from '../primitives.ts';
import {
  consultationIds,
  custodian,
  labels,
  location,
  policyIds,
  readOnly,
  universalAttributes,
} from './common-attributes.ts';
import { attribute, defineResourceType } from './definition.ts';
import { typesNamed } from './known-types.ts';

const release2 = { since: 'R2/R3' } as const;
const release3 = { since: 'R3/R4' } as const;

export const cseBase = defineResourceType({
  type: 5,
  long: 'CSEBase',
  member: 'm2m:cb',
  operations: [Operation.retrieve, Operation.notify],
  parents: [],
  children: typesNamed(
    'CSEBaseAnnc',
    'remoteCSE',
    'remoteCSEAnnc',
    'node',
    'AE',
    'container',
    'group',
    'accessControlPolicy',
    'subscription',
    'mgmtCmd',
    'locationPolicy',
    'statsConfig',
    'statsCollect',
    'request',
    'delivery',
    'schedule',
    'm2mServiceSubscriptionProfile',
    'serviceSubscribedAppRule',
    'notificationTargetPolicy',
    'dynamicAuthorizationConsultation',
    'flexContainer',
    'timeSeries',
    'role',
    'token',
    'authorizationDecision',
    'authorizationPolicy',
    'authorizationInformation',
    'ontologyRepository',
    'semanticMashupJobProfile',
    'semanticMashupInstance',
    'AEContactList',
    'localMulticastGroup',
    'crossResourceSubscription',
    'backgroundDataTransfer',
    'transactionMgmt',
    'transaction',
    'AEAnnc',
    'action',
    'timeSyncBeacon',
    'primitiveProfile',
    'processManagement',
  ),
  virtualChildren: [],
  policies: 'own',
  creatable: false,
  attributes: [
    ...universalAttributes.map(readOnly),
    readOnly(labels),
    readOnly(policyIds),
    attribute('cst', 'cseType', 'm2m:cseTypeID', '0..1', 'NP/NP', 'NA'),
    attribute('csi', 'CSE-ID', 'm2m:ID', '1', 'NP/NP', 'NA'),
    attribute('srt', 'supportedResourceType', 'm2m:resourceType[]', '1', 'NP/NP', 'NA'),
    attribute('poa', 'pointOfAccess', 'm2m:pointOfAccess[]', '1', 'NP/NP', 'NA'),
    attribute('nl', 'nodeLink', 'xs:anyURI', '0..1', 'NP/NP', 'NA'),
    { ...readOnly(consultationIds), announced: 'NA' },
    attribute('csz', 'contentSerialization', 'm2m:serialization[]', '0..1', 'NP/NP', 'NA', release2),
    attribute('esi', 'e2eSecInfo', 'm2m:e2eSecInfo', '0..1', 'NP/NP', 'MA', release2),
    attribute('srv', 'supportedReleaseVersions', 'm2m:releaseVersion[]', '0..1', 'NP/NP', 'MA', release2),
    attribute('ctm', 'currentTime', 'm2m:timestamp', '0..1', 'NP/NP', 'NA', release3),
    attribute('ncp', 'notificationCongestionPolicy', 'xs:anyType', '0..1', 'NP/NP', 'NA', release3),
    { ...readOnly(location), announced: 'NA', since: 'R3/R4' },
    readOnly(custodian),
  ],
});

/** Releases that this CSE speaks, as `srv` and `rvi` write them (decisions "Wire"); 4 as far as ACME shows it. */
export const supportedReleases: readonly string[] = ['1', '2', '2a', '3', '4'];

/** Serializations that this CSE reads and writes, preferred first. */
export const supportedSerializations: readonly string[] = ['json', 'xml'];

const inCse = 1;

/** What a CSEBase says of its CSE: true for every process of a deployment, so never stored (TS-0004 7.4.3). */
export function attributesOfCse(cse: CseDescription, supportedTypes: readonly number[]): Record<string, unknown> {
  return {
    cst: inCse,
    csi: cse.id,
    srt: supportedTypes,
    poa: cse.pointsOfAccess,
    csz: supportedSerializations,
    srv: supportedReleases,
  };
}
