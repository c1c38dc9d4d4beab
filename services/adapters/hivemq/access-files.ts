/**
 * The files that make HiveMQ CE keep the table of topic rules. It has no access control of its own: an extension of ours
 * (infra/hivemq-extension) reads the access file, and reads it again when it changes.
 */
import { isInForce, passwordsInForce } from '../../core/broker-access/in-force.ts';
import { type AccessScope, grantsOf, type TopicGrant } from '../../core/broker-access/topic-rules.ts';
import type { AccessFile } from '../../ports/access-file.ts';
import type { Credential } from '../../ports/credential-store.ts';

/**
 * Credentials that are revoked or have expired at `now` are left out; the extension itself ends those that expire later. Every
 * password that is in force is written, so both of a rotation are accepted until the older one's end.
 */
export function renderAccessFiles(credentials: readonly Credential[], scope: AccessScope, now: number): AccessFile[] {
  const known = credentials.filter((credential) => isInForce(credential, now));
  const lines = ['in-cse-access\t1', ...known.flatMap((credential) => linesOf(credential, scope, now)), 'end'];
  return [
    { name: 'in-cse-access.txt', text: `${lines.join('\n')}\n`, secret: true },
    { name: 'config-mqtt.xml', text: settings, secret: false, template: true },
  ];
}

function linesOf(credential: Credential, scope: AccessScope, now: number): string[] {
  const { name, kind, expiresAt } = credential;
  return [
    `identity\t${name}\t${kind === 'service' ? 'service' : 'device'}\t${time(expiresAt)}`,
    ...passwordsInForce(credential.passwords, now).map(
      ({ iterations, salt, hash, until }) => `password\t${iterations}\t${salt}\t${hash}\t${time(until)}`,
    ),
    ...grantsOf(credential, scope).map((grant) => grantLine(grant, scope.group)),
  ];
}

function grantLine({ action, filter, share }: TopicGrant, group: string): string {
  if (action === 'publish') return `publish\t${filter}`;
  return `subscribe\t${{ none: 'none', any: 'any', ours: `group:${group}` }[share]}\t${filter}`;
}

function time(value: number | undefined): string {
  return value === undefined ? '-' : String(value);
}

/** Goes into <hivemq> of conf/config.xml, beside the listeners. docs/brokers.md says why. */
const settings = `<mqtt>
  <packets><max-packet-size>270336</max-packet-size></packets>
  <retained-messages><enabled>false</enabled></retained-messages>
  <queued-messages><max-queue-size>100000</max-queue-size><strategy>discard</strategy></queued-messages>
  <receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum>
</mqtt>
`;
