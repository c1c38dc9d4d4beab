/** Who a new credential stands for, from what an operator says. */
import { type BrokerIdentity, isGrantableLevel, isIdentityName } from '../../core/broker-access/identity.ts';
import { canonicalId, idToTopicLevel, isAeIdOfCse, stemOf, topicLevelToId } from '../../core/identifiers.ts';
import { WrongArgument } from '../client/attribute-values.ts';

export interface Wanted {
  /** AE-ID, CSE-ID, Credential-ID, or the name of a service account. */
  id: string;
  /** Of the credential, if not made of the ID and the CSE. */
  name?: string | undefined;
  /** AEs: Credential-ID with which it registers on `reg_req`. */
  credentialId?: string | undefined;
  /** Registrations: AE-IDs as which it speaks once it is registered. */
  as?: readonly string[] | undefined;
}

/** `cse`: CSE-ID of the hosting CSE, `/id-in`. Throws WrongArgument. */
export function aeIdentity({ id, name, credentialId }: Wanted, cse: string): BrokerIdentity {
  const levels = aeLevels(id, cse);
  return {
    name: nameFor(name, stemOf(id), cse),
    kind: 'ae',
    cse: idToTopicLevel(cse),
    levels,
    ...(credentialId === undefined ? {} : { credentialLevel: credentialLevelOf(credentialId) }),
  };
}

export function cseIdentity({ id, name }: Wanted, cse: string): BrokerIdentity {
  const canonical = canonicalId(id.startsWith('/') ? id : `/${id}`, identityOf(cse));
  // One that a topic would show as an AE could act as that AE.
  const level = canonical === undefined ? '' : idToTopicLevel(canonical);
  if (canonical === undefined || topicLevelToId(level, identityOf(cse)) !== canonical || canonical === cse) {
    throw new WrongArgument(
      `"${id}" is not the CSE-ID of another CSE, such as /mn-1; in a topic one with C or S is an AE.`,
    );
  }
  return { name: nameFor(name, level, cse), kind: 'cse', cse: idToTopicLevel(cse), levels: [level] };
}

/** With `as` it is an AE that also registers: what it may do is the same, and so is its kind. */
export function registrationIdentity({ id, name, as = [] }: Wanted, cse: string): BrokerIdentity {
  const credentialLevel = credentialLevelOf(id);
  return {
    name: nameFor(name, id, cse),
    kind: as.length === 0 ? 'registration' : 'ae',
    cse: idToTopicLevel(cse),
    levels: as.flatMap((each) => aeLevels(each, cse)),
    credentialLevel,
  };
}

export function serviceIdentity({ id, name }: Wanted): BrokerIdentity {
  return { name: checkedName(name ?? id), kind: 'service', levels: [] };
}

/** All levels that name the AE: a device may write either, and is answered and notified on the one that it writes. */
function aeLevels(id: string, cse: string): string[] {
  const canonical = canonicalId(id, identityOf(cse));
  if (canonical === undefined || !isAeIdOfCse(canonical, identityOf(cse))) {
    throw new WrongArgument(`"${id}" is not an AE-ID at ${cse}: it begins with C or S, such as Cpump.`);
  }
  return [...new Set([stemOf(canonical), idToTopicLevel(canonical)])].filter(
    (level) => isGrantableLevel(level) && topicLevelToId(level, identityOf(cse)) === canonical,
  );
}

function credentialLevelOf(id: string): string {
  if (!isGrantableLevel(id)) {
    throw new WrongArgument(`"${id}" is not a Credential-ID: letters, digits, and . _ ~ @ - between them.`);
  }
  return id;
}

function nameFor(name: string | undefined, id: string, cse: string): string {
  return checkedName(name ?? `${id}@${idToTopicLevel(cse)}`);
}

function checkedName(name: string): string {
  if (!isIdentityName(name)) {
    throw new WrongArgument(
      `"${name}" cannot be a user name: letters, digits and . _ ~ @ -, at most 128; say another with --name.`,
    );
  }
  return name;
}

/** Of our own provider no absolute form is needed here. */
function identityOf(cse: string) {
  return { id: cse, serviceProvider: '' };
}
