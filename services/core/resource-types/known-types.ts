/** Every resource type of the standard by number (TS-0004 6.3.4.2.1), whether this CSE has it or not. */

const original: Readonly<Record<number, string>> = {
  1: 'accessControlPolicy',
  2: 'AE',
  3: 'container',
  4: 'contentInstance',
  5: 'CSEBase',
  6: 'delivery',
  7: 'eventConfig',
  8: 'execInstance',
  9: 'group',
  10: 'locationPolicy',
  11: 'm2mServiceSubscriptionProfile',
  12: 'mgmtCmd',
  13: 'mgmtObj',
  14: 'node',
  15: 'pollingChannel',
  16: 'remoteCSE',
  17: 'request',
  18: 'schedule',
  19: 'serviceSubscribedAppRule',
  20: 'serviceSubscribedNode',
  21: 'statsCollect',
  22: 'statsConfig',
  23: 'subscription',
  24: 'semanticDescriptor',
  25: 'notificationTargetMgmtPolicyRef',
  26: 'notificationTargetPolicy',
  27: 'policyDeletionRules',
  28: 'flexContainer',
  29: 'timeSeries',
  30: 'timeSeriesInstance',
  31: 'role',
  32: 'token',
  34: 'dynamicAuthorizationConsultation',
  35: 'authorizationDecision',
  36: 'authorizationPolicy',
  37: 'authorizationInformation',
  38: 'ontologyRepository',
  39: 'ontology',
  40: 'semanticMashupJobProfile',
  41: 'semanticMashupInstance',
  42: 'semanticMashupResult',
  43: 'AEContactList',
  44: 'AEContactListPerCSE',
  45: 'localMulticastGroup',
  46: 'multimediaSession',
  47: 'triggerRequest',
  48: 'crossResourceSubscription',
  49: 'backgroundDataTransfer',
  50: 'transactionMgmt',
  51: 'transaction',
  // Release 4, after ACME.
  58: 'flexContainerInstance',
  60: 'timeSyncBeacon',
  62: 'primitiveProfile',
  63: 'processManagement',
  64: 'state',
  65: 'action',
  66: 'dependency',
};

/** Types of which another CSE can hold an announced copy: number + 10000, name + `Annc` (TS-0004 6.3.4.2.1). */
const announceable = [
  1, 2, 3, 4, 5, 9, 10, 13, 14, 16, 18, 24, 28, 29, 30, 38, 39, 40, 41, 42, 46, 58, 60, 62, 63, 64, 65, 66,
];

const nameByNumber: ReadonlyMap<number, string> = new Map([
  ...Object.entries(original).map(([number, name]): [number, string] => [Number(number), name]),
  ...announceable.map((number): [number, string] => [number + 10_000, `${original[number]}Annc`]),
]);

const numberByName: ReadonlyMap<string, number> = new Map([...nameByNumber].map(([number, name]) => [name, number]));

/** Whether the standard has this type. */
export function isKnownResourceType(type: number): boolean {
  return nameByNumber.has(type);
}

/** Long name of a type, `container`; undefined for a number without a meaning. */
export function nameOfResourceType(type: number): string | undefined {
  return nameByNumber.get(type);
}

/** For statistics: the long name, `announced` for all announced copies, `none` for a number without a meaning or none at all. */
export function kindOfResourceType(type: number | undefined): string {
  if (type === undefined) return 'none';
  return type > 10_000 && nameByNumber.has(type) ? 'announced' : (nameByNumber.get(type) ?? 'none');
}

/** Numbers of types given by long name. Throws for a name that is not in the standard: these are written in code only. */
export function typesNamed(...names: string[]): number[] {
  return names.map((name) => {
    const number = numberByName.get(name);
    if (number === undefined) throw new Error(`There is no resource type ${name}.`);
    return number;
  });
}
