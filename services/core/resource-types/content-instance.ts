/** contentInstance (TS-0004 7.4.7): a value, written once. Its container's policies hold. */
import { Operation } from '../primitives.ts';
import {
  announcement,
  announceSyncType,
  creator,
  expirationTime,
  labels,
  location,
  notAnnounced,
  ontologyReference,
  stateTag,
  universalAttributes,
  writeOnce,
} from './common-attributes.ts';
import { attribute, defineResourceType } from './definition.ts';
import { typesNamed } from './known-types.ts';

export const contentInstance = defineResourceType({
  type: 4,
  long: 'contentInstance',
  member: 'm2m:cin',
  operations: [Operation.create, Operation.retrieve, Operation.delete],
  parents: typesNamed('container', 'containerAnnc'),
  children: typesNamed('semanticDescriptor', 'transaction'),
  virtualChildren: [],
  policies: 'parent',
  creatable: true,
  attributes: [
    ...universalAttributes,
    notAnnounced(writeOnce(expirationTime)),
    stateTag,
    writeOnce(labels),
    ...announcement.map(writeOnce),
    creator,
    attribute('cnf', 'contentInfo', 'm2m:contentInfo', '0..1', 'O/NP', 'OA'),
    attribute('cs', 'contentSize', 'xs:nonNegativeInteger', '1', 'NP/NP', 'NA'),
    attribute('conr', 'contentRef', 'm2m:contentRef', '0..1', 'O/NP', 'OA', { since: 'R2/R3' }),
    writeOnce(ontologyReference),
    attribute('con', 'content', 'xs:anyType', '1', 'M/NP', 'OA'),
    writeOnce(announceSyncType),
    writeOnce(location),
    // After ACME: gone after so many retrievals. Reads change nothing here.
    attribute('dcnt', 'deletionCnt', 'xs:positiveInteger', '0..1', 'O/NP', 'NA', { since: 'R4', supported: false }),
    attribute('dgt', 'dataGenerationTime', 'm2m:absRelTimestamp', '0..1', 'O/NP', 'OA', { since: 'R4' }),
  ],
});
