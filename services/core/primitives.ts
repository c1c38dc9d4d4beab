/**
 * The oneM2M primitives as the services carry them: long parameter names inside, short names only on the wire
 * (TS-0004 8.2.2). A canonical request is this object as JSON; every serialization is decoded into it once, at ingress.
 */

/** TS-0004 6.3.4.2.5 (m2m:operation). */
export const Operation = { create: 1, retrieve: 2, update: 3, delete: 4, notify: 5 } as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** The lower-case names of the operations, for metrics and texts. */
export const operationName = {
  1: 'create',
  2: 'retrieve',
  3: 'update',
  4: 'delete',
  5: 'notify',
} as const satisfies Record<Operation, string>;
export type OperationName = (typeof operationName)[Operation];

/** TS-0004 6.3.4.2.7 (m2m:resultContent). */
export const ResultContent = {
  nothing: 0,
  attributes: 1,
  hierarchicalAddress: 2,
  hierarchicalAddressAndAttributes: 3,
  attributesAndChildResources: 4,
  attributesAndChildReferences: 5,
  childReferences: 6,
  originalResource: 7,
  childResources: 8,
  modifiedAttributes: 9,
  semanticContent: 10,
  discoveryReferences: 11,
  permissions: 12,
} as const;

/**
 * A value that JavaScript would change on its way through (numbers digit by digit, key order): kept as the JSON text that
 * the originator sent. Stands for every free value (`con`) that is not a string, in canonical requests and stored bodies.
 */
export interface VerbatimJson {
  readonly $json: string;
}

/** Attribute values by short name, as stored and as sent. */
export type Attributes = Record<string, unknown>;

/** Exactly one member: the root element's name with its prefix (`m2m:cnt`) and its value (TS-0004 7.5.2). */
export type PrimitiveContent = Record<string, unknown>;

/** Filter criteria by their short names (TS-0004 8.2.5), list-valued members always arrays (TS-0004 8.4.2). */
export type FilterCriteria = Record<string, unknown>;

/** m2m:responseTypeInfo (TS-0004 6.3.5.30). */
export interface ResponseTypeInfo {
  /** 1 non-blocking synchronous, 2 non-blocking asynchronous, 3 blocking, 4 flexible, 5 no response. */
  value?: number;
  notificationTargets?: string[];
}

/** A request primitive (TS-0004 6.4.1). Timestamps stay in their wire form; times relative to reception are milliseconds in text. */
export interface RequestPrimitive {
  operation: Operation;
  to: string;
  originator?: string;
  requestIdentifier: string;
  resourceType?: number;
  content?: PrimitiveContent;
  roleIds?: string[];
  originatingTimestamp?: string;
  requestExpirationTimestamp?: string;
  resultExpirationTimestamp?: string;
  operationExecutionTime?: string;
  responseType?: ResponseTypeInfo;
  resultPersistence?: string;
  resultContent?: number;
  eventCategory?: number;
  deliveryAggregation?: boolean;
  groupRequestIdentifier?: string;
  filterCriteria?: FilterCriteria;
  desiredIdentifierResultType?: number;
  tokens?: string[];
  tokenIds?: string[];
  localTokenIds?: string[];
  tokenRequestIndicator?: boolean;
  groupRequestTargetMembers?: string[];
  authorizationSignatureIndicator?: boolean;
  authorizationSignatures?: unknown;
  authorizationRelationshipIndicator?: boolean;
  semanticQueryIndicator?: boolean;
  releaseVersion?: string;
  vendorInformation?: string;
  /** Short names of parameters that this CSE does not know; answered 5001 (TS-0004 7.3.2.1). */
  unknownParameters?: string[];
}

/** A response primitive (TS-0004 6.4.2). */
export interface ResponsePrimitive {
  responseStatusCode: number;
  requestIdentifier: string;
  content?: PrimitiveContent;
  to?: string;
  originator?: string;
  originatingTimestamp?: string;
  resultExpirationTimestamp?: string;
  eventCategory?: number;
  /** 1 partial, 2 full. */
  contentStatus?: number;
  contentOffset?: number;
  releaseVersion?: string;
  vendorInformation?: string;
}

/** True for a value kept as text, see {@link VerbatimJson}. */
export function isVerbatimJson(value: unknown): value is VerbatimJson {
  return typeof value === 'object' && value !== null && typeof (value as VerbatimJson).$json === 'string';
}
