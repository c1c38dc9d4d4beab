import type { Command } from 'commander';
import { Operation } from '../../core/primitives.ts';
import { addClientOptions, askAndPrint, type CommonOptions } from './client-options.ts';

const examples = `
Examples:
  in-cse delete cse-in/me/temp --from Cme
  in-cse delete cse-in/me/temp/ol --from Cme       the oldest instance`;

export function addDelete(program: Command): void {
  const command = program
    .command('delete')
    .description('delete a resource and everything below it')
    .argument('<address>', 'such as cse-in/me/temp');
  addClientOptions(command, { required: true });
  command.addHelpText('after', examples);
  command.action((address: string, options: CommonOptions) =>
    askAndPrint(options, { operation: Operation.delete, to: address }),
  );
}
