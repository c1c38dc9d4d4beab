import type { Command } from 'commander';
import { Operation, type PrimitiveContent } from '../../core/primitives.ts';
import { attributesOf, WrongArgument } from '../client/attribute-values.ts';
import { bodyOf } from '../client/new-resource.ts';
import { resourceTypeNamed, typeNames } from '../client/resource-type-names.ts';
import { addClientOptions, askAndPrint, type CommonOptions } from './client-options.ts';

const examples = `
Examples:
  in-cse update container cse-in/me/temp --set mni=10 --from Cme
  in-cse update container cse-in/me/temp --set mni= --from Cme          (removes mni)
  in-cse update ae cse-in/me --set lbl=indoor,first --from Cme`;

interface UpdateOptions extends CommonOptions {
  set?: string[];
  body?: string;
}

export function addUpdate(program: Command): void {
  const command = program
    .command('update')
    .description('change attributes of a resource')
    .argument('<type>', typeNames())
    .argument('<address>', 'such as cse-in/me/temp')
    .option('--set <name=value...>', 'attributes, by short or long name; without a value: removed')
    .option('--body <json>', 'attributes as JSON');
  addClientOptions(command, { required: true });
  command.addHelpText('after', examples);
  command.action(async (typeName: string, address: string, options: UpdateOptions) => {
    await askAndPrint(options, { operation: Operation.update, to: address, content: changesOf(typeName, options) });
  });
}

function changesOf(typeName: string, { set = [], body }: UpdateOptions): PrimitiveContent {
  const { definition } = resourceTypeNamed(typeName);
  if (set.length === 0 && body === undefined) {
    throw new WrongArgument('Say what to change, with --set name=value or --body.');
  }
  const given = body === undefined ? {} : bodyOf(body);
  if (definition === undefined) return given;
  const inner = (given[definition.member] as PrimitiveContent | undefined) ?? given;
  return { [definition.member]: { ...inner, ...attributesOf(set, definition) } };
}
