/** The parameters of a request, before anything is looked for (TS-0004 7.3.2.1; TS-0004 6.4.1, TS-0004 7.3.2.1, TS-0004 7.5.2). */
import type { DecisionInput } from '../decision.ts';
import { type Filter, readFilterCriteria } from '../filter-criteria.ts';
import { Operation, type RequestPrimitive } from '../primitives.ts';
import { checkResultContent } from '../representation.ts';
import { supportedReleases } from '../resource-types/cse-base.ts';
import { isKnownResourceType } from '../resource-types/registry.ts';
import { CseError, Status } from '../status-codes.ts';
import { parseAbsoluteOrRelative } from '../timestamps.ts';

/** What the parameters ask for, read. */
export interface Terms {
  /** The rcn that holds. */
  resultContent: number;
  filter?: Filter;
  /** The filter asks for what is below the target (fu 1). */
  isDiscovery: boolean;
}

const aeType = 2;
const discoveryUsage = 1;

const responseTypes = {
  nonBlockingSynchronous: 1,
  nonBlockingAsynchronous: 2,
  blocking: 3,
  flexible: 4,
  none: 5,
} as const;

/** Throws a CseError for what is malformed, too late, or not to be had. */
export function checkRequest(input: DecisionInput): Terms {
  const { request, originator, cse } = input;
  if (originator === '' && !isRegistration(request)) throw bad('The request has no fr.');
  checkTimes(input);
  if (request.operation === Operation.create) checkCreation(request);
  const terms = readTerms(request, input.receivedAt);
  checkRelease(request.releaseVersion);
  checkUnsupported(request, cse.ignoreUnknownParameters);
  checkResponseType(request.responseType?.value);
  return terms;
}

/** CREATE of an AE, which may leave `fr` out and needs no rights (TS-0004 7.4.5.2). */
export function isRegistration(request: RequestPrimitive): boolean {
  return request.operation === Operation.create && request.resourceType === aeType;
}

function bad(text: string): CseError {
  return new CseError(Status.badRequest, text);
}

function checkTimes(input: DecisionInput): void {
  const { request } = input;
  const { requestExpirationTimestamp, resultExpirationTimestamp, operationExecutionTime } = request;
  if (requestExpirationTimestamp !== undefined && isPast(input, requestExpirationTimestamp, 'rqet')) {
    throw new CseError(Status.requestTimeout, 'The request has expired (rqet) before it could be executed.');
  }
  if (resultExpirationTimestamp !== undefined && isPast(input, resultExpirationTimestamp, 'rset')) {
    throw new CseError(Status.requestTimeout, 'The result has expired (rset) before the request could be executed.');
  }
  if (operationExecutionTime !== undefined && !isPast(input, operationExecutionTime, 'oet')) {
    throw new CseError(Status.notImplemented, 'This CSE does not execute requests later (oet).');
  }
}

/**
 * Log time decides (R21), and the worker's clock where it is further: behind a backlog a request is late although the log
 * time that was consumed stands still.
 */
function isPast({ receivedAt, logTime, now }: DecisionInput, text: string, name: string): boolean {
  const at = parseAbsoluteOrRelative(text, receivedAt);
  if (at === undefined) {
    throw bad(`${name} must be a UTC time such as 20250301T101500, or milliseconds from reception.`);
  }
  return at <= Math.max(logTime, now);
}

function checkCreation({ resourceType, filterCriteria }: RequestPrimitive): void {
  if (resourceType === undefined) throw bad('A CREATE must name the resource type (ty).');
  if (!isKnownResourceType(resourceType)) throw bad(`There is no resource type ${resourceType}.`);
  if (filterCriteria !== undefined) throw bad('fc must not be given with a CREATE.');
}

function readTerms(request: RequestPrimitive, receivedAt: number): Terms {
  const { operation, resultContent, filterCriteria, desiredIdentifierResultType } = request;
  if (filterCriteria === undefined) {
    return { resultContent: checkResultContent(operation, resultContent, false), isDiscovery: false };
  }
  if (operation === Operation.notify) throw bad('fc must not be given with a NOTIFY.');
  const filter = readFilterCriteria(filterCriteria, { receivedAt });
  const isDiscovery = filter.usage === discoveryUsage;
  if (isDiscovery && operation !== Operation.retrieve) throw bad('fu 1 (discovery) goes with a RETRIEVE only.');
  if (filter.applyRelativePath !== undefined) {
    throw new CseError(Status.notImplemented, 'This CSE does not have fc.arp.');
  }
  if (![undefined, 1, 2].includes(desiredIdentifierResultType)) {
    throw bad('drt must be 1 (structured) or 2 (unstructured).');
  }
  return { resultContent: checkResultContent(operation, resultContent, isDiscovery), filter, isDiscovery };
}

function checkRelease(release: string | undefined): void {
  if (release !== undefined && !supportedReleases.includes(release)) {
    throw new CseError(
      Status.releaseVersionNotSupported,
      `rvi ${release.slice(0, 10)} is not supported; this CSE speaks ${supportedReleases.join(', ')}.`,
    );
  }
}

/** Parameters of the standard whose promise this CSE cannot keep, and those that it does not know. */
function checkUnsupported(request: RequestPrimitive, ignoreUnknown: boolean): void {
  if (request.unknownParameters !== undefined && !ignoreUnknown && request.unknownParameters.length > 0) {
    throw unsupported(request.unknownParameters.slice(0, 5).join(', ').slice(0, 80));
  }
  if (request.roleIds !== undefined) throw unsupported('rids');
  if (request.tokens !== undefined) throw unsupported('tkns');
  if (request.tokenIds !== undefined) throw unsupported('tids');
  if (request.localTokenIds !== undefined) throw unsupported('ltids');
  if (request.tokenRequestIndicator === true) throw unsupported('tqi');
  if (request.groupRequestTargetMembers !== undefined) throw unsupported('grtm');
  if (request.authorizationSignatures !== undefined) throw unsupported('aus');
  if (request.authorizationSignatureIndicator === true) throw unsupported('asi');
  if (request.authorizationRelationshipIndicator === true) throw unsupported('auri');
  if (request.semanticQueryIndicator === true) throw unsupported('sqi');
}

function unsupported(name: string): CseError {
  return new CseError(Status.notImplemented, `This CSE does not have the request parameter ${name}.`);
}

/** decisions "Behaviour": modes that are not built answer, flexible is taken as blocking (TS-0004 6.3.4.2.6). */
function checkResponseType(value: number | undefined): void {
  switch (value) {
    case undefined:
    case responseTypes.blocking:
    case responseTypes.flexible:
    case responseTypes.none:
      return;
    case responseTypes.nonBlockingSynchronous:
      throw new CseError(
        Status.nonBlockingSynchRequestNotSupported,
        'This CSE does not have non-blocking synchronous requests; ask blocking (rt 3).',
      );
    case responseTypes.nonBlockingAsynchronous:
      throw new CseError(
        Status.notImplemented,
        'This CSE does not have non-blocking asynchronous requests yet; ask blocking (rt 3).',
      );
    default:
      throw bad('rt must be 1, 2, 3, 4 or 5.');
  }
}
