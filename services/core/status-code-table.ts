/** What each response status code means (TS-0004 6.6.3), in words that a person can act upon. */
import type { Fault, StatusCode } from './status-codes.ts';

type Row = readonly [code: number, name: string, meaning: string, again?: 'again'];

const rows: readonly Row[] = [
  [1000, 'ACCEPTED', 'The request is accepted and still being worked on; its result comes later.'],
  [1001, 'ACCEPTED_NON_BLOCKING_SYNCH', 'Accepted; retrieve the named request resource to see the result.'],
  [1002, 'ACCEPTED_NON_BLOCKING_ASYNCH', 'Accepted; the result will be sent as a notification.'],
  [2000, 'OK', 'The request succeeded.'],
  [2001, 'CREATED', 'The resource was created.'],
  [2002, 'DELETED', 'The resource and everything below it was deleted.'],
  [2004, 'UPDATED', 'The resource was updated.'],
  [
    4000,
    'BAD_REQUEST',
    'Something in the request is malformed, missing or not allowed: correct it as the debug text says.',
  ],
  [
    4001,
    'RELEASE_VERSION_NOT_SUPPORTED',
    'The CSE does not speak this release: send an rvi that its CSEBase lists in srv.',
  ],
  [4004, 'NOT_FOUND', 'There is no such resource, or nothing in it matches: check the address.'],
  [4005, 'OPERATION_NOT_ALLOWED', 'This operation does not exist for this resource.'],
  [4008, 'REQUEST_TIMEOUT', 'The request expired before it was answered: repeat it with a later rqet.', 'again'],
  [4015, 'UNSUPPORTED_MEDIA_TYPE', 'The CSE does not read this serialization: use one that its CSEBase lists in csz.'],
  [
    4101,
    'SUBSCRIPTION_CREATOR_HAS_NO_PRIVILEGE',
    'The target does not let this subscriber notify it: give it the NOTIFY right there.',
  ],
  [4102, 'CONTENTS_UNACCEPTABLE', 'The content is well-formed but not acceptable for this resource: change it.'],
  [
    4103,
    'ORIGINATOR_HAS_NO_PRIVILEGE',
    'No policy permits this originator to do this: ask for the right, or use another originator.',
  ],
  [
    4104,
    'GROUP_REQUEST_IDENTIFIER_EXISTS',
    'The target has already seen this group request, perhaps through a loop of groups.',
  ],
  [4105, 'CONFLICT', 'The name is already used or reserved below this parent: choose another rn or leave it out.'],
  [
    4106,
    'ORIGINATOR_NOT_AUTHENTICATED',
    'fr is not who sent the request, or is not registered: register, or correct fr.',
  ],
  [4107, 'SECURITY_ASSOCIATION_REQUIRED', 'The CSE wants a secured and authenticated connection for this.'],
  [
    4108,
    'INVALID_CHILD_RESOURCE_TYPE',
    'A resource of this type cannot be created below this parent: choose another parent.',
  ],
  [4109, 'NO_MEMBERS', 'The group is empty: add members first.'],
  [
    4110,
    'GROUP_MEMBER_TYPE_INCONSISTENT',
    'A member is not of the type of the group: leave it out, or use a mixed group.',
  ],
  [4111, 'ESPRIM_UNSUPPORTED_OPTION', 'The end-to-end security option is not supported by the receiver.'],
  [
    4112,
    'ESPRIM_UNKNOWN_KEY_ID',
    'The receiver does not know the key of the secured primitive: establish a key first.',
  ],
  [
    4113,
    'ESPRIM_UNKNOWN_ORIG_RAND_ID',
    'The random value of the originator is not known any more: secure the primitive anew.',
  ],
  [4114, 'ESPRIM_UNKNOWN_RECV_RAND_ID', 'The random value of the receiver is not known any more: fetch a new one.'],
  [4115, 'ESPRIM_BAD_MAC', 'The integrity check of the secured primitive failed.'],
  [4116, 'ESPRIM_IMPERSONATION_ERROR', 'The secured primitive names another originator than its key belongs to.'],
  [
    4117,
    'ORIGINATOR_HAS_ALREADY_REGISTERED',
    'This AE-ID or CSE-ID is registered already: go on with it, or deregister it first.',
  ],
  [4118, 'ONTOLOGY_NOT_AVAILABLE', 'The ontology that is referred to cannot be reached.'],
  [4119, 'LINKED_SEMANTICS_NOT_AVAILABLE', 'A linked semantic descriptor cannot be reached.'],
  [4120, 'INVALID_SEMANTICS', 'The semantic description contradicts its ontology: correct it.'],
  [4121, 'MASHUP_MEMBER_NOT_FOUND', 'A member of the mashup does not exist: correct the list of members.'],
  [4122, 'INVALID_TRIGGER_PURPOSE', 'The trigger asks for something that the target does not know.'],
  [4123, 'ILLEGAL_TRANSACTION_STATE_TRANSITION_ATTEMPTED', 'The transaction cannot go to this state from where it is.'],
  [
    4124,
    'BLOCKING_SUBSCRIPTION_ALREADY_EXISTS',
    'The resource has a blocking subscription already; it can have only one.',
  ],
  [
    4125,
    'SPECIALIZATION_SCHEMA_NOT_FOUND',
    'The CSE does not know the definition that cnd names: install it, or use another.',
  ],
  [
    4126,
    'APP_RULE_VALIDATION_FAILED',
    'The rules of this CSE do not let this AE-ID or App-ID register: ask its operator.',
  ],
  [4127, 'OPERATION_DENIED_BY_REMOTE_ENTITY', 'An entity that must agree to the change refused it.'],
  [
    4128,
    'SERVICE_SUBSCRIPTION_NOT_ESTABLISHED',
    'There is no service subscription for this registration: ask the service provider.',
  ],
  [
    4142,
    'INVALID_PROCESS_CONFIGURATION',
    'The states and transitions of the process contradict each other: correct them.',
  ],
  [4143, 'INVALID_SPARQL_QUERY', 'The SPARQL text cannot be understood: correct it.'],
  [
    5000,
    'INTERNAL_SERVER_ERROR',
    'The CSE is overloaded or has a defect: repeat the request with the same rqi after a while.',
    'again',
  ],
  [5001, 'NOT_IMPLEMENTED', 'The request is valid, but this CSE does not have this feature.'],
  [
    5103,
    'TARGET_NOT_REACHABLE',
    'The target has no address that works and does not poll: try again when it is there.',
    'again',
  ],
  [5105, 'RECEIVER_HAS_NO_PRIVILEGE', 'The CSE itself lacks a right at another CSE: give it that right.'],
  [5106, 'ALREADY_EXISTS', 'The object exists already, with other content.'],
  [
    5107,
    'REMOTE_ENTITY_NOT_REACHABLE',
    'An entity that must agree to the change cannot be reached: try again later.',
    'again',
  ],
  [5203, 'TARGET_NOT_SUBSCRIBABLE', 'Resources of this type cannot be subscribed to: subscribe to the parent.'],
  [
    5204,
    'SUBSCRIPTION_VERIFICATION_INITIATION_FAILED',
    'A notification target did not confirm the subscription: check that it listens and answers 2000.',
    'again',
  ],
  [
    5205,
    'SUBSCRIPTION_HOST_HAS_NO_PRIVILEGE',
    'The target does not let this CSE notify it: give the CSE the NOTIFY right there.',
  ],
  [
    5206,
    'NON_BLOCKING_SYNCH_REQUEST_NOT_SUPPORTED',
    'This CSE keeps no request resources: send a blocking request (rt 3).',
  ],
  [
    5207,
    'NOT_ACCEPTABLE',
    'It is larger than its container (mbs) or the quota of the CSE allows, or the wanted response format is not supported.',
  ],
  [5208, 'DISCOVERY_DENIED_BY_IPE', 'The interworking proxy refused the discovery.'],
  [
    5209,
    'GROUP_MEMBERS_NOT_RESPONDED',
    'No member of the group answered in time: try again with a later rset.',
    'again',
  ],
  [5210, 'ESPRIM_DECRYPTION_ERROR', 'The secured primitive could not be decrypted.'],
  [5211, 'ESPRIM_ENCRYPTION_ERROR', 'The answer could not be encrypted.'],
  [5212, 'SPARQL_UPDATE_ERROR', 'The semantic update could not be carried out.'],
  [5214, 'TARGET_HAS_NO_SESSION_CAPABILITY', 'The target AE cannot hold multimedia sessions.'],
  [
    5215,
    'SESSION_IS_ONLINE',
    'The session description cannot be changed while the session is online: end it first.',
    'again',
  ],
  [5216, 'JOIN_MULTICAST_GROUP_FAILED', 'A member could not join the multicast group.', 'again'],
  [5217, 'LEAVE_MULTICAST_GROUP_FAILED', 'A member could not leave the multicast group.', 'again'],
  [5218, 'TRIGGERING_DISABLED_FOR_RECIPIENT', 'The recipient does not accept triggers.'],
  [5219, 'UNABLE_TO_REPLACE_REQUEST', 'The trigger request was handed on already and cannot be replaced.'],
  [5220, 'UNABLE_TO_RECALL_REQUEST', 'The request is too far on its way to be cancelled.'],
  [
    5221,
    'CROSS_RESOURCE_OPERATION_FAILURE',
    'One of the subscriptions that belong together failed, so all were undone.',
  ],
  [5222, 'TRANSACTION_PROCESSING_IS_INCOMPLETE', 'The transaction is not finished: wait until it is.', 'again'],
  [6003, 'EXTERNAL_OBJECT_NOT_REACHABLE', 'The managed object on the device cannot be reached.', 'again'],
  [6005, 'EXTERNAL_OBJECT_NOT_FOUND', 'The device does not have this managed object.'],
  [
    6010,
    'MAX_NUMBER_OF_MEMBER_EXCEEDED',
    'The group would have more members than mnm allows: raise mnm or send fewer.',
  ],
  [6020, 'MGMT_SESSION_CANNOT_BE_ESTABLISHED', 'No management session with the device could be opened.', 'again'],
  [6021, 'MGMT_SESSION_ESTABLISHMENT_TIMEOUT', 'The device did not open a management session in time.', 'again'],
  [6022, 'INVALID_CMDTYPE', 'The command type is not known.'],
  [6023, 'INVALID_ARGUMENTS', 'The arguments do not fit the command.'],
  [6024, 'INSUFFICIENT_ARGUMENTS', 'Arguments of the command are missing.'],
  [6025, 'MGMT_CONVERSION_ERROR', 'The command could not be translated for the device.'],
  [6026, 'MGMT_CANCELLATION_FAILED', 'The command could not be cancelled.'],
  [6028, 'ALREADY_COMPLETE', 'The command is finished already.'],
  [6029, 'MGMT_COMMAND_NOT_CANCELLABLE', 'A command of this kind cannot be cancelled.'],
  [
    6030,
    'EXTERNAL_OBJECT_NOT_REACHABLE_BEFORE_RQET_TIMEOUT',
    'The device could not be reached before the request expired.',
    'again',
  ],
  [
    6031,
    'EXTERNAL_OBJECT_NOT_REACHABLE_BEFORE_OET_TIMEOUT',
    'The device could not be reached before the time of execution.',
    'again',
  ],
];

export const statusCodeTable: readonly StatusCode[] = rows.map(([code, name, meaning, again]) => ({
  code,
  name,
  fault: faultOf(code),
  retry: again === 'again',
  meaning,
}));

function faultOf(code: number): Fault {
  if (code < 4000) return 'none';
  if (code < 5000) return 'originator';
  return code < 6000 ? 'receiver' : 'network';
}
