/** Who may connect to the brokers: made, listed, rotated, revoked, and written out for a broker. */
import type { Command } from 'commander';
import { addCreateCredential } from '../credentials/create.ts';
import { addExportCredentials } from '../credentials/export.ts';
import { addListCredentials } from '../credentials/list.ts';
import { addRevokeCredential } from '../credentials/revoke.ts';
import { addRotateCredential } from '../credentials/rotate.ts';

const note = `
Examples:
  in-cse credentials create ae Cpump --data data
  in-cse credentials create cse /mn-1 --cse-id /id-in --postgres-url postgres://user@host/name
  in-cse credentials create registration 2-pump@as.example --as Cpump --data data
  in-cse credentials create service in-cse --password-file mqtt-password --postgres-url postgres://user@host/name
  in-cse credentials rotate Cpump@id-in --overlap 1d --data data
  in-cse credentials export mosquitto --out access --postgres-url postgres://user@host/name`;

export function addCredentials(program: Command): void {
  const command = program.command('credentials').description('who may connect to the brokers, and as whom');
  command.addHelpText('after', note);
  addCreateCredential(command);
  addListCredentials(command);
  addRotateCredential(command);
  addRevokeCredential(command);
  addExportCredentials(command);
}
