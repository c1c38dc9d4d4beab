/** AE (TS-0004 7.4.5): an application that is registered here. */
import { isAppId } from '../identifiers.ts';
import { Operation } from '../primitives.ts';
import { CseError, Status } from '../status-codes.ts';
import {
  announcement,
  announceSyncType,
  consultationIds,
  custodian,
  expirationTime,
  labels,
  location,
  ontologyReference,
  policyIds,
  universalAttributes,
} from './common-attributes.ts';
import { attribute, defineResourceType } from './definition.ts';
import { typesNamed } from './known-types.ts';

const release2 = { since: 'R2/R3' } as const;

export const applicationEntity = defineResourceType({
  type: 2,
  long: 'AE',
  member: 'm2m:ae',
  operations: [Operation.create, Operation.retrieve, Operation.update, Operation.delete, Operation.notify],
  parents: typesNamed('CSEBase'),
  children: typesNamed(
    'subscription',
    'container',
    'group',
    'accessControlPolicy',
    'pollingChannel',
    'semanticDescriptor',
    'dynamicAuthorizationConsultation',
    'flexContainer',
    'timeSeries',
    'semanticMashupInstance',
    'multimediaSession',
    'triggerRequest',
    'crossResourceSubscription',
    'transactionMgmt',
    'transaction',
    'backgroundDataTransfer',
    'action',
    'timeSyncBeacon',
    'primitiveProfile',
    'processManagement',
    'locationPolicy',
  ),
  virtualChildren: [],
  policies: 'own',
  creatable: true,
  attributes: [
    ...universalAttributes,
    policyIds,
    expirationTime,
    labels,
    ...announcement,
    consultationIds,
    attribute('apn', 'appName', 'xs:string', '0..1', 'O/O', 'OA'),
    attribute('api', 'App-ID', 'xs:string', '1', 'M/NP', 'OA'),
    attribute('aei', 'AE-ID', 'm2m:ID', '1', 'NP/NP', 'OA'),
    attribute('poa', 'pointOfAccess', 'm2m:pointOfAccess[]', '0..1', 'O/O', 'OA', { atLeastOne: true }),
    ontologyReference,
    attribute('nl', 'nodeLink', 'xs:anyURI', '0..1', 'O/O', 'OA'),
    attribute('rr', 'requestReachability', 'xs:boolean', '1', 'M/O', 'OA'),
    attribute('csz', 'contentSerialization', 'm2m:serialization[]', '0..1', 'O/O', 'OA'),
    attribute('esi', 'e2eSecInfo', 'm2m:e2eSecInfo', '0..1', 'O/O', 'MA', release2),
    attribute('mei', 'M2M-Ext-ID', 'm2m:externalID', '0..1', 'O/O', 'NA', release2),
    attribute('srv', 'supportedReleaseVersions', 'm2m:releaseVersion[]', '0..1', 'M/O', 'MA', release2),
    attribute('regs', 'registrationStatus', 'm2m:AERegistrationStatus', '0..1', 'O/O', 'OA', release2),
    // There is no tracking of registration points yet.
    attribute('trps', 'trackRegistrationPoints', 'xs:boolean', '0..1', 'O/O', 'OA', {
      ...release2,
      supported: [false],
    }),
    attribute('scp', 'sessionCapabilities', 'm2m:sessionCapability[]', '0..1', 'O/O', 'OA', release2),
    attribute('tren', 'triggerEnable', 'xs:boolean', '0..1', 'O/O', 'OA', release2),
    attribute('ape', 'activityPatternElements', 'm2m:activityPatternElements', '0..1', 'O/O', 'OA', release2),
    attribute('tri', 'Trigger-Recipient-ID', 'm2m:triggerRecipientID', '0..1', 'O/O', 'NA', release2),
    attribute('trn', 'triggerReferenceNumber', 'xs:unsignedInt', '0..1', 'O/O', 'NA', release2),
    custodian,
    announceSyncType,
    location,
  ],
  rule({ api }) {
    // TS-0004 7.4.5.2.1.
    if (typeof api === 'string' && !isAppId(api)) {
      throw new CseError(Status.badRequest, 'api must begin with N (not registered) or R (registered), and go on.');
    }
  },
});
