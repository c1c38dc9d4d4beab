/** Access files for a broker, into a folder of the operator's. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { renderAccessFiles as renderForEmqx } from '../../adapters/emqx/access-files.ts';
import { renderAccessFiles as renderForHiveMq } from '../../adapters/hivemq/access-files.ts';
import { renderAccessFiles as renderForMosquitto } from '../../adapters/mosquitto/access-files.ts';
import type { AccessScope } from '../../core/broker-access/topic-rules.ts';
import { replaceFile } from '../../platform/replace-file.ts';
import type { AccessFile } from '../../ports/access-file.ts';
import type { Credential } from '../../ports/credential-store.ts';

interface Broker {
  render(credentials: readonly Credential[], scope: AccessScope, now: number): AccessFile[];
  /** What the operator has to do then, in a line. */
  next: string;
}

export const brokers = {
  mosquitto: {
    render: renderForMosquitto,
    next: 'Next: SIGHUP makes Mosquitto read the passwords again; for new or ended rights, or other CSEs, restart it.',
  },
  hivemq: {
    render: renderForHiveMq,
    next: 'Next: rename in-cse-access.txt into extensions/in-cse-access/ of HiveMQ, which reads it within a second.',
  },
  emqx: {
    render: renderForEmqx,
    next:
      'Next: load acl.conf again in EMQX; it takes users.json only when it makes its database. ' +
      'With emqx-http.conf it asks "in-cse broker-access" instead and needs neither.',
  },
} satisfies Record<string, Broker>;

export type BrokerName = keyof typeof brokers;

export interface Written {
  /** Names of files; each was replaced in one step. */
  replaced: string[];
  /** Those that were there and are the operator's. */
  left: string[];
}

export async function writeAccessFiles(
  broker: BrokerName,
  folder: string,
  { credentials, scope, now }: { credentials: readonly Credential[]; scope: AccessScope; now: number },
): Promise<Written> {
  const files = brokers[broker].render(credentials, scope, now);
  await mkdir(folder, { recursive: true });
  const left = files.filter(({ name, template }) => template === true && existsSync(join(folder, name)));
  const replaced = files.filter((file) => !left.includes(file));
  for (const { name, text, secret } of replaced) await replaceFile(join(folder, name), text, { secret });
  return { replaced: replaced.map(({ name }) => name), left: left.map(({ name }) => name) };
}
