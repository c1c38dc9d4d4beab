/** Resource types as data (TS-0004 7.4): what the standard's tables say, and the checks that follow from it. */
import type { Attributes, Operation } from '../primitives.ts';
import { compileCheck, type ValueCheck, wrong } from './value-checks.ts';

/** Mandatory, optional, not permitted. */
export type Presence = 'M' | 'O' | 'NP';

/** `(L)`: the value is a list, an array in JSON even with one value. */
export type Multiplicity = '1' | '0..1' | '1(L)' | '0..1(L)';

export interface AttributeDefinition {
  short: string;
  long: string;
  /** Of one value: a name in simple-types, enumerations or complex-types. */
  type: string;
  list: boolean;
  /** Of a list: an empty one is refused. */
  atLeastOne: boolean;
  multiplicity: Multiplicity;
  create: Presence;
  update: Presence;
  /** What the CSE stores if the originator gives nothing and that is the same for all. */
  default?: unknown;
  /** Always announced, announced if listed, never (TS-0001 9.6.26). */
  announced: 'MA' | 'OA' | 'NA';
  /** Release; absent for R1. R4 is after ACME, the only source for it. */
  since?: string;
  /**
   * `false`: this CSE could not keep what the attribute promises, so a request with it gets 5001. A list: so with other values.
   */
  supported?: false | readonly unknown[];
  /** In an UPDATE null means "choose again", although the multiplicity is 1. */
  resettable?: true;
}

export interface ResourceTypeData {
  /** resourceType number. */
  type: number;
  long: string;
  /** Root element with its prefix. */
  member: string;
  /** What an originator may ask of it; everything else gets 4005. CREATE is what may be asked of the parent. */
  operations: readonly Operation[];
  /** Types below which it can be created, and types that can be created below it, also those that this CSE does not have. */
  parents: readonly number[];
  children: readonly number[];
  attributes: readonly AttributeDefinition[];
  /** Names of the virtual resources below it. */
  virtualChildren: readonly string[];
  /** Has a row of counters: `st`, `cni`, `cbs`. */
  hasCounters?: true;
  /** Whose rules decide: those of `acpi` (or the creator), those of the parent, its own `pvs`. */
  policies: 'own' | 'parent' | 'self';
  /** False: only the CSE makes it. */
  creatable: boolean;
  /** What must hold between attributes, at CREATE and of the result of an UPDATE. Throws a CseError. */
  rule?: (attributes: Attributes) => void;
}

export interface CompiledAttribute {
  definition: AttributeDefinition;
  check: ValueCheck;
}

export interface ResourceTypeDefinition extends ResourceTypeData {
  attribute: ReadonlyMap<string, AttributeDefinition>;
  /** For the validator: what a CREATE may carry, what it must carry, what an UPDATE may carry. */
  creation: ReadonlyMap<string, CompiledAttribute>;
  mandatory: readonly AttributeDefinition[];
  change: ReadonlyMap<string, CompiledAttribute>;
}

/** A row of an attribute table. `type` ends with `[]` for a list; `presence` is that of CREATE and UPDATE. */
export function attribute(
  short: string,
  long: string,
  type: string,
  multiplicity: '1' | '0..1',
  presence: `${Presence}/${Presence}`,
  announced: AttributeDefinition['announced'],
  extra: Pick<AttributeDefinition, 'default' | 'since' | 'supported' | 'resettable'> & { atLeastOne?: true } = {},
): AttributeDefinition {
  const list = type.endsWith('[]');
  const [create, update] = presence.split('/') as [Presence, Presence];
  return {
    short,
    long,
    type: list ? type.slice(0, -2) : type,
    list,
    multiplicity: list ? `${multiplicity}(L)` : multiplicity,
    create,
    update,
    announced,
    ...extra,
    atLeastOne: extra.atLeastOne ?? (list && multiplicity === '1'),
  };
}

/** Derives from the tables what the validator needs: everything costly happens here, once. */
export function defineResourceType(data: ResourceTypeData): ResourceTypeDefinition {
  const compiled = data.attributes.map((definition) => ({ definition, check: checkOf(definition) }));
  const permitted = (operation: 'create' | 'update') =>
    new Map(compiled.filter(({ definition }) => definition[operation] !== 'NP').map((it) => [it.definition.short, it]));
  return {
    ...data,
    attribute: new Map(data.attributes.map((definition) => [definition.short, definition])),
    creation: permitted('create'),
    mandatory: data.attributes.filter(({ create }) => create === 'M'),
    change: permitted('update'),
  };
}

function checkOf({ short, type, list, atLeastOne, supported }: AttributeDefinition): ValueCheck {
  if (short !== 'cr') return compileCheck({ type, list, atLeastOne, supported }, short);
  // TS-0004 7.3.3.3: the originator asks for its name with null, and never writes one itself.
  return () => {
    throw wrong('cr', 'null: the CSE fills in the originator');
  };
}
