/** The command `in-cse`: starts every process, and speaks oneM2M as a client. */
import { Command, CommanderError } from 'commander';
import { productVersion } from '../platform/build-info.ts';
import { SettingsError } from '../platform/settings.ts';
import { WrongArgument } from './client/attribute-values.ts';
import { addCanary } from './commands/canary.ts';
import { addCluster } from './commands/cluster.ts';
import { addCreate } from './commands/create.ts';
import { addCredentials } from './commands/credentials.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDelete } from './commands/delete.ts';
import { addDiscover } from './commands/discover.ts';
import { addListen } from './commands/listen.ts';
import { addMigrate } from './commands/migrate.ts';
import { addProcesses } from './commands/processes.ts';
import { addReference } from './commands/reference.ts';
import { addRetrieve } from './commands/retrieve.ts';
import { addStart } from './commands/start.ts';
import { addUpdate } from './commands/update.ts';
import { addUsage } from './commands/usage.ts';
import { addWhy } from './commands/why.ts';
import { CommandFailed, ExitCode } from './exit-codes.ts';

const help = `
First steps:
  npm start                                        an embedded CSE on this machine
  in-cse create ae --from Cme --name me            registers an application
  in-cse create container cse-in/me --name temp --from Cme
  in-cse create instance cse-in/me/temp --content 21.5 --from Cme
  in-cse retrieve cse-in/me/temp/la --from Cme

Exit codes of the client commands: 0 done, 1 refused by the CSE, 2 wrong use, 3 no answer.
"in-cse help <command>" tells more about each. In a checkout: npx in-cse …`;

function programOf(): Command {
  const program = new Command('in-cse')
    .description('A oneM2M IN-CSE, and a client for it and any other CSE over MQTT.')
    .version(productVersion())
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
    .addHelpText('after', help);
  program.commandsGroup('Processes:');
  addStart(program);
  addProcesses(program);
  addMigrate(program);
  addDeadLetters(program);
  addUsage(program);
  addWhy(program);
  addCredentials(program);
  addCanary(program);
  addCluster(program);
  program.commandsGroup('Client:');
  addCreate(program);
  addRetrieve(program);
  addUpdate(program);
  addDelete(program);
  addDiscover(program);
  addListen(program);
  program.commandsGroup('Reference:');
  addReference(program);
  return program;
}

/** Whoever reads our output may stop early (`| head`): that is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : ExitCode.failed),
);

/** Runs a command line, without `node` and the name of the program. */
async function run(args: string[]): Promise<void> {
  try {
    await programOf().parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has said what was wrong, or shown what was asked for.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    else fail(error);
  }
}

/** One clear line; a stack only for what nobody foresaw. */
function fail(error: unknown): void {
  const [code, text] = explanationOf(error);
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

function explanationOf(error: unknown): [code: number, text: string] {
  if (error instanceof CommandFailed) return [error.exitCode, error.message];
  if (error instanceof WrongArgument || error instanceof SettingsError) return [ExitCode.usage, error.message];
  return [ExitCode.failed, error instanceof Error ? `in-cse: ${error.message}` : String(error)];
}

await run(process.argv.slice(2));
