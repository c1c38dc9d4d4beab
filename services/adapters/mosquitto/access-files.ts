/**
 * The files that make Mosquitto keep the table of topic rules. Passwords are in a password file, which Mosquitto reads again on
 * SIGHUP; what an identity may do is in the configuration of the dynamic security plugin, which it reads when it starts. Its
 * ACL file would not do: Mosquitto 2.0 grants every SUBSCRIBE there and only filters what is delivered, so that a member of
 * our share group without a right swallows what would have been others'.
 */
import { isInForce, passwordsInForce } from '../../core/broker-access/in-force.ts';
import { type AccessScope, grantsOf, type TopicGrant } from '../../core/broker-access/topic-rules.ts';
import { formatPasswordHash } from '../../platform/password-hash.ts';
import type { AccessFile } from '../../ports/access-file.ts';
import type { Credential } from '../../ports/credential-store.ts';
import { mosquittoSettings } from './settings.ts';

/**
 * Credentials that are revoked or have expired at `now` are left out. Mosquitto keeps one password for a user: of several that
 * are in force during a rotation the newest is written, so the old one ends with the next SIGHUP. A credential without a
 * password gets a right and no line in the password file: only its certificate is accepted.
 */
export function renderAccessFiles(credentials: readonly Credential[], scope: AccessScope, now: number): AccessFile[] {
  const known = credentials.filter((credential) => isInForce(credential, now));
  return [
    { name: 'passwords', text: known.flatMap((credential) => passwordLines(credential, now)).join(''), secret: true },
    {
      name: 'dynamic-security.json',
      text: `${JSON.stringify(dynamicSecurity(known, scope), null, 1)}\n`,
      secret: false,
    },
    { name: 'in-cse.conf', text: mosquittoSettings(), secret: false, template: true },
  ];
}

function passwordLines({ name, passwords }: Credential, now: number): string[] {
  const [newest] = passwordsInForce(passwords, now);
  return newest === undefined ? [] : [`${name}:${formatPasswordHash(newest)}\n`];
}

function dynamicSecurity(credentials: readonly Credential[], scope: AccessScope): object {
  return {
    // What no role allows is denied.
    defaultACLAccess: {
      publishClientSend: false,
      publishClientReceive: false,
      subscribe: false,
      unsubscribe: false,
    },
    clients: credentials.map(({ name }) => ({ username: name, roles: [{ rolename: name }] })),
    groups: [],
    roles: credentials.map((credential) => ({
      rolename: credential.name,
      acls: grantsOf(credential, scope).flatMap((grant) => rulesOf(grant, scope.group)),
    })),
  };
}

function rulesOf({ action, filter, share }: TopicGrant, group: string): object[] {
  if (action === 'publish') return [rule('publishClientSend', filter)];
  // The plugin sees the filter as SUBSCRIBE has it, and what is delivered by its topic.
  const asked = { none: filter, ours: `$share/${group}/${filter}`, any: `$share/+/${filter}` }[share];
  const kinds = [rule('subscribePattern', asked), rule('unsubscribePattern', asked)];
  if (share === 'any') kinds.push(rule('subscribePattern', filter), rule('unsubscribePattern', filter));
  return [...kinds, rule('publishClientReceive', filter)];
}

function rule(acltype: string, topic: string): object {
  return { acltype, topic, priority: 0, allow: true };
}
