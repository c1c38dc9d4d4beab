import { type Command, Option } from 'commander';
import { Operation } from '../../core/primitives.ts';
import { addClientOptions, askAndPrint, type CommonOptions } from './client-options.ts';

const examples = `
Examples:
  in-cse retrieve cse-in --from Cme
  in-cse retrieve cse-in/me/temp/la --from Cme                  the latest instance
  in-cse retrieve cse-in/me --rcn 4 --level 2 --from Cme        with what is below
  in-cse retrieve cse-in/me --attribute rn lbl --from Cme`;

interface RetrieveOptions extends CommonOptions {
  rcn?: string;
  level?: string;
  limit?: string;
  attribute?: string[];
}

export function addRetrieve(program: Command): void {
  const command = program
    .command('retrieve')
    .description('read a resource')
    .argument('<address>', 'such as cse-in/me/temp')
    .addOption(
      new Option('--rcn <number>', 'result content; 4: with children, 5 and 6: with references to them').choices(
        Array.from({ length: 12 }, (_, number) => String(number)),
      ),
    )
    .option('--level <depth>', 'how far below, with children')
    .option('--limit <count>', 'how many children, at most')
    .option('--attribute <name...>', 'only these attributes, by short name');
  addClientOptions(command, { required: true });
  command.addHelpText('after', examples);
  command.action(async (address: string, options: RetrieveOptions) => {
    const criteria = {
      ...(options.level === undefined ? {} : { lvl: Number(options.level) }),
      ...(options.limit === undefined ? {} : { lim: Number(options.limit) }),
    };
    await askAndPrint(options, {
      operation: Operation.retrieve,
      to: address,
      ...(options.attribute === undefined ? {} : { content: { 'm2m:atrl': options.attribute } }),
      ...(options.rcn === undefined ? {} : { resultContent: Number(options.rcn) }),
      ...(Object.keys(criteria).length === 0 ? {} : { filterCriteria: criteria }),
    });
  });
}
