/** The parameters of primitives: short name, long name, check (TS-0004 6.4, 8.2.2). */
import type { RequestPrimitive, ResponsePrimitive, ResponseTypeInfo } from '../core/primitives.ts';
import { filterCriteria } from './filter-criteria.ts';
import {
  anything,
  type Check,
  content,
  eventCategory,
  integer,
  listOfTexts,
  nonEmptyText,
  plainObject,
  text,
  time,
  truth,
  wrong,
} from './parameter-checks.ts';
import type { WireObject } from './wire.ts';

export interface Parameter<Long extends string> {
  short: string;
  long: Long;
  check: Check;
}

type Rows<Long extends string> = readonly (readonly [string, Long, Check])[];

const requestRows: Rows<keyof RequestPrimitive> = [
  ['op', 'operation', integer(1, 5)],
  ['to', 'to', nonEmptyText],
  ['fr', 'originator', text],
  ['rqi', 'requestIdentifier', nonEmptyText],
  ['ty', 'resourceType', integer(0)],
  ['pc', 'content', content],
  ['rids', 'roleIds', listOfTexts],
  ['ot', 'originatingTimestamp', text],
  ['rqet', 'requestExpirationTimestamp', time],
  ['rset', 'resultExpirationTimestamp', time],
  ['oet', 'operationExecutionTime', time],
  ['rt', 'responseType', responseTypeOf],
  ['rp', 'resultPersistence', time],
  // 11 and 12 are of release 4, after ACME.
  ['rcn', 'resultContent', integer(0, 12)],
  ['ec', 'eventCategory', eventCategory],
  ['da', 'deliveryAggregation', truth],
  ['gid', 'groupRequestIdentifier', text],
  ['fc', 'filterCriteria', filterCriteria],
  ['drt', 'desiredIdentifierResultType', integer(1, 2)],
  ['tkns', 'tokens', listOfTexts],
  ['tids', 'tokenIds', listOfTexts],
  ['ltids', 'localTokenIds', listOfTexts],
  ['tqi', 'tokenRequestIndicator', truth],
  ['grtm', 'groupRequestTargetMembers', listOfTexts],
  ['asi', 'authorizationSignatureIndicator', truth],
  ['aus', 'authorizationSignatures', anything],
  ['auri', 'authorizationRelationshipIndicator', truth],
  ['sqi', 'semanticQueryIndicator', truth],
  ['rvi', 'releaseVersion', text],
  ['vsi', 'vendorInformation', text],
];

const responseRows: Rows<keyof ResponsePrimitive> = [
  ['rsc', 'responseStatusCode', integer(1000, 9999)],
  ['rqi', 'requestIdentifier', nonEmptyText],
  ['pc', 'content', content],
  ['to', 'to', text],
  ['fr', 'originator', text],
  ['ot', 'originatingTimestamp', text],
  ['rset', 'resultExpirationTimestamp', time],
  ['ec', 'eventCategory', eventCategory],
  ['cnst', 'contentStatus', integer(1, 2)],
  ['cnot', 'contentOffset', integer(0)],
  ['rvi', 'releaseVersion', text],
  ['vsi', 'vendorInformation', text],
];

export const requestParameters = byShortName(requestRows);
export const responseParameters = byShortName(responseRows);
export const requestShortNames = shortNames(requestRows);
export const responseShortNames = shortNames(responseRows);

/** m2m:responseTypeInfo; an empty `nu` is a statement of its own: nobody is notified (TS-0004 6.3.5.30). */
function responseTypeOf(value: unknown, name: string): ResponseTypeInfo {
  const wire = plainObject(value, name);
  const info: ResponseTypeInfo = {};
  for (const member in wire) {
    if (member === 'rtv') info.value = responseTypeValue(wire.rtv, `${name}.rtv`) as number;
    else if (member === 'nu') info.notificationTargets = listOfTexts(wire.nu, `${name}.nu`) as string[];
    else throw wrong(`${name}.${member}`, 'is unknown');
  }
  return info;
}

const responseTypeValue = integer(1, 5);

/** The wire form of {@link ResponseTypeInfo}. */
export function wireResponseType(info: ResponseTypeInfo): WireObject {
  const wire: WireObject = {};
  if (info.value !== undefined) wire.rtv = info.value;
  if (info.notificationTargets !== undefined) wire.nu = info.notificationTargets;
  return wire;
}

function byShortName<Long extends string>(rows: Rows<Long>): ReadonlyMap<string, Parameter<Long>> {
  return new Map(rows.map(([short, long, check]) => [short, { short, long, check }]));
}

function shortNames<Long extends string>(rows: Rows<Long>): ReadonlyMap<string, string> {
  return new Map(rows.map(([short, long]) => [long, short]));
}
