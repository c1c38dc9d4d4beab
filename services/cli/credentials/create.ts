import type { Command } from 'commander';
import { type BrokerIdentity, type IdentityKind, identityKinds } from '../../core/broker-access/identity.ts';
import type { Credential } from '../../ports/credential-store.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { addSettingOptions } from '../setting-options.ts';
import { handOver } from './hand-over.ts';
import { assertFree } from './lifetimes.ts';
import { makePassword, type PasswordOptions } from './make-password.ts';
import { aeIdentity, cseIdentity, registrationIdentity, serviceIdentity, type Wanted } from './new-credential.ts';
import { chosenCse, withCredentials } from './open-store.ts';
import { readCredentialSettings } from './read-settings.ts';
import { cseSetting, iterationSetting, storeSettings } from './store-settings.ts';

const settings = { ...storeSettings, ...cseSetting, ...iterationSetting };

const note = `
An AE (Cpump) may publish its own requests and answers and read what is meant for it; with --credential-id it may also register
on reg_req. A CSE (/mn-1) is an MN- or ASN-CSE, with the same rights. A registration may only register, by its Credential-ID, and
needs another credential for the AE-ID that it is given; with --as it is a credential of that AE from the start. A service is
one of our own processes (ingress, responder), for all CSEs. Without --name the user name is <id>@<CSE>, for a service its id.`;

interface Options extends PasswordOptions, Omit<Wanted, 'id'> {
  expires?: number;
  replace?: true;
  json?: true;
}

const day = 86_400_000;

export function addCreateCredential(program: Command): void {
  const command = program
    .command('create')
    .description('make one, with a random password that is shown once')
    .argument('<kind>', 'ae, cse, registration or service', kindOf)
    .argument('<id>', 'AE-ID, CSE-ID, Credential-ID, or the name of the service')
    .option('--name <name>', 'user name, and common name of its certificate')
    .option('--as <ae-id...>', 'of a registration: AE-IDs as which it speaks')
    .option('--credential-id <id>', 'of an AE: Credential-ID with which it registers')
    .option('--expires <days>', 'days after which it is not accepted any more', daysOf)
    .option('--certificate-only', 'no password: only a certificate with this common name is accepted')
    .option('--password-file <file>', 'where the password is written, instead of being shown')
    .option('--password-hash <hash>', 'of a password that it has: $7$… of a Mosquitto password file')
    .option('--replace', 'also in the place of one that has expired or was revoked: its certificate counts again')
    .option('--json', 'JSON');
  addSettingOptions(command, settings, ['data', 'credentialsFile', 'postgresUrl', 'cseId', 'passwordIterations']);
  command.addHelpText('after', note);
  command.action((kind: IdentityKind, id: string, options: Options) => create(kind, { ...options, id }));
}

async function create(kind: IdentityKind, options: Options & { id: string }): Promise<void> {
  const given = readCredentialSettings(settings, options);
  await withCredentials(given, async (place) => {
    const identity = identityFor(kind, options, () => chosenCse(place, given.cseId));
    const { hashes, password } = await makePassword(options, given.passwordIterations);
    const now = Date.now();
    const credential: Credential = {
      ...identity,
      passwords: hashes,
      createdAt: now,
      ...(options.expires === undefined ? {} : { expiresAt: now + options.expires * day }),
    };
    await place.store.change(identity.name, (current) => {
      assertFree(identity.name, current, options.replace === true, now);
      return credential;
    });
    await handOver(credential, password, options, now);
  });
}

function identityFor(kind: IdentityKind, wanted: Wanted, cse: () => string): BrokerIdentity {
  assertFits(kind, wanted);
  switch (kind) {
    case 'ae':
      return aeIdentity(wanted, cse());
    case 'cse':
      return cseIdentity(wanted, cse());
    case 'registration':
      return registrationIdentity(wanted, cse());
    case 'service':
      return serviceIdentity(wanted);
  }
}

/** An option that would say nothing is a mistake. */
function assertFits(kind: IdentityKind, { as, credentialId }: Wanted): void {
  if (as !== undefined && kind !== 'registration') throw new WrongArgument('--as is for registrations.');
  if (credentialId !== undefined && kind !== 'ae') throw new WrongArgument('--credential-id is for AEs.');
}

function kindOf(text: string): IdentityKind {
  const kind = identityKinds.find((each) => each === text);
  if (kind === undefined) throw new WrongArgument(`"${text}" is none of ${identityKinds.join(', ')}.`);
  return kind;
}

const mostDays = 36_500;

function daysOf(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > mostDays) {
    throw new WrongArgument(`--expires takes a number of days, 1 … ${mostDays}, and not "${text}".`);
  }
  return days;
}
