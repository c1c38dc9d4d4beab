import { type Command, Option } from 'commander';
import { Operation } from '../../core/primitives.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { contentOf, eventNames, type NewResource, operationNames } from '../client/new-resource.ts';
import { isUnnamed } from '../client/one-m2m-client.ts';
import { resourceTypeNamed, typeNames } from '../client/resource-type-names.ts';
import { addClientOptions, askAndPrint, type CommonOptions } from './client-options.ts';

const examples = `
Examples:
  in-cse create ae --from Cme --name me
  in-cse create ae                                  (the CSE chooses the AE-ID)
  in-cse create container cse-in/me --name temp --set mni=100 --from Cme
  in-cse create instance cse-in/me/temp --content 21.5 --from Cme
  in-cse create subscription cse-in/me/temp --notify /id-in/Cme --from Cme
  in-cse create policy cse-in/me --name readers --allow Cyou:retrieve,discover --from Cme
  in-cse create container cse-in/me --body '{"mni":100,"lbl":["indoor"]}' --from Cme`;

const typesOfFirstLevel = [1, 2];

interface CreateOptions extends CommonOptions, NewResource {
  rcn?: string;
}

export function addCreate(program: Command): void {
  const command = program
    .command('create')
    .description('create a resource; an AE is registered that way')
    .argument('<type>', typeNames())
    .argument('[parent]', 'address of the parent, such as cse-in/me; an AE or policy without one: the CSEBase')
    .option('--name <name>', 'resource name (rn)')
    .option('--set <name=value...>', 'attributes, by short or long name')
    .option('--label <label...>', 'labels (lbl)')
    .option('--body <json>', 'attributes as JSON')
    .option('--content <text>', 'of an instance: its value (con), as text')
    .option('--content-json <json>', 'of an instance: its value (con), as JSON')
    .option('--notify <target...>', 'of a subscription: who is notified (nu); the originator unless given')
    .option('--event <event...>', `of a subscription: ${eventNames} (default: child-created)`)
    .option('--allow <rule...>', `of a policy: originators:operations; operations are ${operationNames}`)
    .addOption(new Option('--rcn <number>', 'result content').choices(['0', '1', '2', '3', '9']));
  addClientOptions(command, { required: false });
  command.addHelpText('after', examples);
  command.action(async (typeName: string, parent: string | undefined, options: CreateOptions) => {
    const type = resourceTypeNamed(typeName);
    if (isUnnamed(options.from) && type.number !== 2) {
      throw new WrongArgument('Say with --from who asks, such as --from Cme.');
    }
    await askAndPrint(options, {
      operation: Operation.create,
      to: parentOf(type.number, parent, options.cseId),
      resourceType: type.number,
      content: contentOf(type, options, { originator: options.from, cseId: options.cseId }),
      ...(options.rcn === undefined ? {} : { resultContent: Number(options.rcn) }),
    });
  });
}

function parentOf(type: number, parent: string | undefined, cseId: string): string {
  if (parent !== undefined) return parent;
  if (typesOfFirstLevel.includes(type)) return cseId;
  throw new WrongArgument('Name the parent, such as cse-in/me.');
}
