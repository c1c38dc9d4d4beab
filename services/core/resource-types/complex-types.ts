/** Complex types (TS-0004 6.3.5): an object with these members, others are refused. */

export interface MemberDefinition {
  short: string;
  long: string;
  type: string;
  list: boolean;
  mandatory: boolean;
  /** Of a list: an empty one is refused. */
  atLeastOne: boolean;
  /** False where this CSE cannot keep what the member promises: 5001. */
  supported: boolean;
}

export interface ComplexType {
  members: readonly MemberDefinition[];
  /** Exactly one of the members. */
  choice: boolean;
}

/** `type` ends with `[]` for a list. Multiplicity as in the standard's tables. */
function member(
  short: string,
  long: string,
  type: string,
  multiplicity: '1' | '0..1' | '1..n' | '0..n' | '0..5',
  supported = true,
): MemberDefinition {
  const list = type.endsWith('[]');
  const mandatory = multiplicity.startsWith('1');
  return {
    short,
    long,
    type: list ? type.slice(0, -2) : type,
    list,
    mandatory,
    atLeastOne: list && mandatory,
    supported,
  };
}

function object(...members: MemberDefinition[]): ComplexType {
  return { members, choice: false };
}

const unsupported = false;

export const complexTypes: Readonly<Record<string, ComplexType>> = {
  // ---- access control (TS-0004 6.3.5.25 ff.) ----
  'm2m:setOfAcrs': object(member('acr', 'accessControlRules', 'm2m:accessControlRule[]', '0..n')),
  'm2m:accessControlRule': object(
    member('acor', 'accessControlOriginators', 'xs:anyURI[]', '1'),
    member('acop', 'accessControlOperations', 'm2m:accessControlOperations', '1'),
    member('acco', 'accessControlContexts', 'm2m:accessControlContexts[]', '0..n'),
    member('acaf', 'accessControlAuthenticationFlag', 'xs:boolean', '0..1'),
    member('acod', 'accessControlObjectDetails', 'm2m:accessControlObjectDetails[]', '0..n'),
    // after ACME (release 4): a rule limited to attributes.
    member('aca', 'accessControlAttributes', 'xs:NCName[]', '0..1', unsupported),
  ),
  'm2m:accessControlContexts': object(
    member('actw', 'accessControlWindow', 'm2m:scheduleEntry[]', '0..n'),
    member('acip', 'accessControlIpAddresses', 'm2m:accessControlIpAddresses', '0..1'),
    member('aclr', 'accessControlLocationRegion', 'm2m:locationRegion', '0..1', unsupported),
    // after ACME (release 4).
    member('acui', 'accessControlUserIDs', 'm2m:ID[]', '0..1', unsupported),
    member('acec', 'accessControlEvalCriteria', 'm2m:evalCriteria', '0..1', unsupported),
    member('acl', 'accessControlLimit', 'xs:nonNegativeInteger', '0..1', unsupported),
  ),
  'm2m:accessControlIpAddresses': object(
    member('ipv4', 'ipv4Addresses', 'm2m:ipv4[]', '0..1'),
    member('ipv6', 'ipv6Addresses', 'm2m:ipv6[]', '0..1'),
  ),
  'm2m:locationRegion': {
    choice: true,
    members: [
      member('accr', 'circRegion', 'xs:float[]', '0..1'),
      member('accc', 'countryCode', 'm2m:countryCode[]', '0..1'),
    ],
  },
  'm2m:evalCriteria': object(
    member('sbjt', 'subject', 'xs:NCName', '1'),
    member('optr', 'operator', 'xs:positiveInteger', '1'),
    member('thld', 'threshold', 'xs:anyType', '1'),
  ),
  'm2m:accessControlObjectDetails': object(
    member('ty', 'resourceType', 'm2m:resourceType', '0..1'),
    member('spty', 'specializationType', 'm2m:specializationType', '0..1'),
    member('chty', 'childResourceType', 'm2m:resourceType[]', '1'),
  ),
  'm2m:specializationType': {
    choice: true,
    members: [
      member('cnd', 'containerDefinition', 'xs:anyURI', '0..1'),
      member('mgd', 'mgmtDefinition', 'm2m:mgmtDefinition', '0..1'),
    ],
  },

  // ---- subscription ----
  'm2m:eventNotificationCriteria': object(
    member('crb', 'createdBefore', 'm2m:timestamp', '0..1'),
    member('cra', 'createdAfter', 'm2m:timestamp', '0..1'),
    member('ms', 'modifiedSince', 'm2m:timestamp', '0..1'),
    member('us', 'unmodifiedSince', 'm2m:timestamp', '0..1'),
    member('sts', 'stateTagSmaller', 'xs:positiveInteger', '0..1'),
    member('stb', 'stateTagBigger', 'xs:nonNegativeInteger', '0..1'),
    member('exb', 'expireBefore', 'm2m:timestamp', '0..1'),
    member('exa', 'expireAfter', 'm2m:timestamp', '0..1'),
    member('sza', 'sizeAbove', 'xs:nonNegativeInteger', '0..1'),
    member('szb', 'sizeBelow', 'xs:positiveInteger', '0..1'),
    member('om', 'operationMonitor', 'm2m:operationMonitor[]', '0..n', unsupported),
    member('atr', 'attribute', 'xs:NCName[]', '0..1'),
    member('net', 'notificationEventType', 'm2m:notificationEventType[]', '0..5'),
    member('chty', 'childResourceType', 'm2m:resourceType[]', '0..1'),
    member('md', 'missingData', 'm2m:missingData', '0..1', unsupported),
    member('fo', 'filterOperation', 'm2m:filterOperation', '0..1'),
  ),
  'm2m:operationMonitor': object(
    member('ops', 'operations', 'm2m:accessControlOperations', '0..1'),
    member('or', 'originator', 'm2m:ID', '0..1'),
    // ACME's name of the same.
    member('org', 'originator', 'm2m:ID', '0..1'),
  ),
  'm2m:missingData': object(
    member('num', 'number', 'xs:positiveInteger', '1'),
    member('dur', 'duration', 'xs:duration', '1'),
  ),
  'm2m:batchNotify': object(
    member('num', 'number', 'xs:nonNegativeInteger', '0..1'),
    member('dur', 'duration', 'xs:duration', '0..1'),
  ),
  'm2m:rateLimit': object(
    member('mnn', 'maxNrOfNotify', 'xs:nonNegativeInteger', '1'),
    member('tww', 'timeWindow', 'xs:duration', '1'),
  ),
  'm2m:setOfNotificationStatsInfo': object(
    member('tg', 'target', 'm2m:ID', '1'),
    member('rqs', 'requestsSent', 'xs:nonNegativeInteger', '1'),
    member('rsr', 'responsesReceived', 'xs:nonNegativeInteger', '1'),
    member('noec', 'notificationEventCount', 'xs:nonNegativeInteger', '1'),
  ),

  // ---- AE, CSEBase, instances ----
  'm2m:e2eSecInfo': object(
    member('esf', 'supportedE2ESecFeatures', 'm2m:suid[]', '1'),
    member('escert', 'certificates', 'xs:base64Binary[]', '0..1'),
    member('esro', 'sharedReceiverESPrimRandObject', 'm2m:receiverESPrimRandObject', '0..1'),
  ),
  'm2m:receiverESPrimRandObject': object(
    member('esri', 'esprimRandID', 'xs:NCName', '1'),
    member('esrv', 'esprimRandValue', 'xs:NCName', '1'),
    member('esrx', 'esprimRandExpiry', 'm2m:absRelTimestamp', '1'),
    member('esks', 'esprimKeyGenAlgIDs', 'm2m:esprimKeyGenAlgID[]', '1'),
    member('espa', 'esprimProtocolAndAlgIDs', 'm2m:esprimProtocolAndAlgID[]', '1'),
  ),
  'm2m:activityPatternElements': object(member('apt', 'activityPatternElements', 'm2m:activityPattern[]', '0..n')),
  'm2m:activityPattern': object(
    member('se', 'scheduleElement', 'm2m:scheduleEntries[]', '1..n'),
    member('sti', 'stationaryIndication', 'm2m:stationaryIndication', '0..1'),
    member('dsi', 'dataSizeIndicator', 'xs:positiveInteger', '0..1'),
  ),
  'm2m:scheduleEntries': object(member('sce', 'scheduleEntry', 'm2m:scheduleEntry[]', '1..n')),
  'm2m:contentRef': object(member('urir', 'URIReference', 'm2m:contentRefEntry[]', '1..n')),
  'm2m:contentRefEntry': object(member('nm', 'name', 'xs:NCName', '1'), member('uri', 'URI', 'xs:anyURI', '1')),
  'm2m:geoCoordinates': object(
    member('typ', 'type', 'm2m:geometryType', '1'),
    member('crd', 'coordinates', 'm2m:geoJsonCoordinate', '1'),
  ),
};
