/** Tells who makes a credential what its client needs: a password goes to the file, or else to standard output, and nowhere else. */
import { replaceFile } from '../../platform/replace-file.ts';
import type { Credential } from '../../ports/credential-store.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { credentialJson } from './credential-text.ts';

export interface HandOver {
  passwordFile?: string;
  json?: true;
}

/** `password`: if one was drawn; `now`: ms since 1970. */
export async function handOver(
  credential: Credential,
  password: string | undefined,
  { passwordFile, json }: HandOver,
  now: number,
): Promise<void> {
  if (password !== undefined && passwordFile !== undefined) await write(credential.name, password, passwordFile);
  const shown = passwordFile === undefined ? password : undefined;
  if (json === true) {
    const secret = shown === undefined ? {} : { password: shown };
    process.stdout.write(`${JSON.stringify({ ...credentialJson(credential, now), ...secret })}\n`);
    return;
  }
  const lines = [`user name  ${credential.name}`];
  if (shown !== undefined)
    lines.push(`password   ${shown}`, 'The password is shown this once, and only its hash is kept.');
  if (passwordFile !== undefined) lines.push(`password   in ${passwordFile}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function write(name: string, password: string, file: string): Promise<void> {
  try {
    await replaceFile(file, `${password}\n`, { secret: true });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new CommandFailed(
      ExitCode.failed,
      `${name} has a new password that could not be written to ${file} (${code}) and is lost: rotate it.`,
    );
  }
}
