/** Attributes that many types share (TS-0004 7.4.2, TS-0001 9.6.1.3). */
import { type AttributeDefinition, attribute } from './definition.ts';

const unsupported = { supported: false } as const;
/** After ACME: no text of the standard was at hand. */
const release4 = { since: 'R4' } as const;
const release2 = { since: 'R2/R3' } as const;

export const universalAttributes: readonly AttributeDefinition[] = [
  attribute('rn', 'resourceName', 'm2m:resourceName', '1', 'O/NP', 'NA'),
  attribute('ty', 'resourceType', 'm2m:resourceType', '1', 'NP/NP', 'NA'),
  attribute('ri', 'resourceID', 'm2m:ID', '1', 'NP/NP', 'NA'),
  attribute('pi', 'parentID', 'm2m:nhURI', '1', 'NP/NP', 'NA'),
  attribute('ct', 'creationTime', 'm2m:timestamp', '1', 'NP/NP', 'NA'),
  attribute('lt', 'lastModifiedTime', 'm2m:timestamp', '1', 'NP/NP', 'NA'),
];

export const expirationTime = attribute('et', 'expirationTime', 'm2m:timestamp', '1', 'O/O', 'MA', {
  resettable: true,
});
export const labels = attribute('lbl', 'labels', 'm2m:label[]', '0..1', 'O/O', 'MA', { atLeastOne: true });
export const policyIds = attribute('acpi', 'accessControlPolicyIDs', 'm2m:ID[]', '0..1', 'O/O', 'MA', {
  atLeastOne: true,
});
export const creator = attribute('cr', 'creator', 'm2m:ID', '0..1', 'O/NP', 'NA');
export const stateTag = attribute('st', 'stateTag', 'xs:nonNegativeInteger', '1', 'NP/NP', 'NA');
export const ontologyReference = attribute('or', 'ontologyRef', 'xs:anyURI', '0..1', 'O/O', 'OA');
export const location = attribute('loc', 'location', 'm2m:geoCoordinates', '0..1', 'O/O', 'OA', release4);

/** There is no announcement yet. */
export const announcement: readonly AttributeDefinition[] = [
  attribute('at', 'announceTo', 'xs:anyURI[]', '0..1', 'O/O', 'NA', unsupported),
  attribute('aa', 'announcedAttribute', 'xs:NCName[]', '0..1', 'O/O', 'NA', unsupported),
];
export const announceSyncType = attribute('ast', 'announceSyncType', 'm2m:announceSyncType', '0..1', 'O/O', 'MA', {
  ...release4,
  ...unsupported,
});

/** There is no dynamic authorization yet. */
export const consultationIds = attribute(
  'daci',
  'dynamicAuthorizationConsultationIDs',
  'xs:anyURI[]',
  '0..1',
  'O/O',
  'OA',
  { ...release2, ...unsupported },
);

/** Access without policies is decided by the creator alone. */
export const custodian = attribute('cstn', 'custodian', 'm2m:ID', '0..1', 'O/O', 'NA', { ...release4, ...unsupported });

/** The same attribute for a type that is never updated. */
export function writeOnce(definition: AttributeDefinition): AttributeDefinition {
  return { ...definition, update: 'NP' };
}

/** The same attribute where only the CSE writes it. */
export function readOnly(definition: AttributeDefinition): AttributeDefinition {
  return { ...definition, create: 'NP', update: 'NP' };
}

/** The same attribute for a type that is never announced. */
export function notAnnounced(definition: AttributeDefinition): AttributeDefinition {
  return { ...definition, announced: 'NA' };
}
