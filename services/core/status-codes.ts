/** Response status codes (TS-0004 6.6.3) and the error that carries one through a decision. */
import { statusCodeTable } from './status-code-table.ts';

/** Whose turn it is: the originator must change something, the receiver could not, or something between them failed. */
export type Fault = 'none' | 'originator' | 'receiver' | 'network';

export interface StatusCode {
  code: number;
  /** As TS-0004 prints it: `NOT_FOUND`. */
  name: string;
  fault: Fault;
  /** Whether the same request may succeed later, unchanged. */
  retry: boolean;
  /** What it means and how to go on, one plain sentence. */
  meaning: string;
}

/** All codes by the name of TS-0004 in camel case. */
export const Status = {
  accepted: 1000,
  acceptedNonBlockingSynch: 1001,
  acceptedNonBlockingAsynch: 1002,
  ok: 2000,
  created: 2001,
  deleted: 2002,
  updated: 2004,
  badRequest: 4000,
  releaseVersionNotSupported: 4001,
  notFound: 4004,
  operationNotAllowed: 4005,
  requestTimeout: 4008,
  unsupportedMediaType: 4015,
  subscriptionCreatorHasNoPrivilege: 4101,
  contentsUnacceptable: 4102,
  originatorHasNoPrivilege: 4103,
  groupRequestIdentifierExists: 4104,
  conflict: 4105,
  originatorNotAuthenticated: 4106,
  securityAssociationRequired: 4107,
  invalidChildResourceType: 4108,
  noMembers: 4109,
  groupMemberTypeInconsistent: 4110,
  esprimUnsupportedOption: 4111,
  esprimUnknownKeyId: 4112,
  esprimUnknownOrigRandId: 4113,
  esprimUnknownRecvRandId: 4114,
  esprimBadMac: 4115,
  esprimImpersonationError: 4116,
  originatorHasAlreadyRegistered: 4117,
  ontologyNotAvailable: 4118,
  linkedSemanticsNotAvailable: 4119,
  invalidSemantics: 4120,
  mashupMemberNotFound: 4121,
  invalidTriggerPurpose: 4122,
  illegalTransactionStateTransitionAttempted: 4123,
  blockingSubscriptionAlreadyExists: 4124,
  specializationSchemaNotFound: 4125,
  appRuleValidationFailed: 4126,
  operationDeniedByRemoteEntity: 4127,
  serviceSubscriptionNotEstablished: 4128,
  invalidProcessConfiguration: 4142,
  invalidSparqlQuery: 4143,
  internalServerError: 5000,
  notImplemented: 5001,
  targetNotReachable: 5103,
  receiverHasNoPrivilege: 5105,
  alreadyExists: 5106,
  remoteEntityNotReachable: 5107,
  targetNotSubscribable: 5203,
  subscriptionVerificationInitiationFailed: 5204,
  subscriptionHostHasNoPrivilege: 5205,
  nonBlockingSynchRequestNotSupported: 5206,
  notAcceptable: 5207,
  discoveryDeniedByIpe: 5208,
  groupMembersNotResponded: 5209,
  esprimDecryptionError: 5210,
  esprimEncryptionError: 5211,
  sparqlUpdateError: 5212,
  targetHasNoSessionCapability: 5214,
  sessionIsOnline: 5215,
  joinMulticastGroupFailed: 5216,
  leaveMulticastGroupFailed: 5217,
  triggeringDisabledForRecipient: 5218,
  unableToReplaceRequest: 5219,
  unableToRecallRequest: 5220,
  crossResourceOperationFailure: 5221,
  transactionProcessingIsIncomplete: 5222,
  externalObjectNotReachable: 6003,
  externalObjectNotFound: 6005,
  maxNumberOfMemberExceeded: 6010,
  mgmtSessionCannotBeEstablished: 6020,
  mgmtSessionEstablishmentTimeout: 6021,
  invalidCmdtype: 6022,
  invalidArguments: 6023,
  insufficientArguments: 6024,
  mgmtConversionError: 6025,
  mgmtCancellationFailed: 6026,
  alreadyComplete: 6028,
  mgmtCommandNotCancellable: 6029,
  externalObjectNotReachableBeforeRqetTimeout: 6030,
  externalObjectNotReachableBeforeOetTimeout: 6031,
} as const;

/** The table of all codes, in ascending order. */
export const statusCodes: readonly StatusCode[] = statusCodeTable;

const byCode: ReadonlyMap<number, StatusCode> = new Map(statusCodeTable.map((entry) => [entry.code, entry]));

/** What is known of a code; undefined for one that is not in the standard. */
export function statusCode(code: number): StatusCode | undefined {
  return byCode.get(code);
}

export function isSuccess(code: number): boolean {
  return code >= 2000 && code < 3000;
}

/** A request is refused. The message is the text for `m2m:dbg`: it helps the originator and leaks nothing. */
export class CseError extends Error {
  override name = 'CseError';
  readonly code: number;

  constructor(code: number, debug: string) {
    super(debug);
    this.code = code;
  }
}
