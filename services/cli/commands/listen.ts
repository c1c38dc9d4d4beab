import type { Command } from 'commander';
import { Operation, type PrimitiveContent, type RequestPrimitive } from '../../core/primitives.ts';
import { isSuccess, Status } from '../../core/status-codes.ts';
import { answerText, contentLines } from '../client/answer-text.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { contentOf } from '../client/new-resource.ts';
import { isUnnamed, type OneM2mClient } from '../client/one-m2m-client.ts';
import { resourceTypeNamed } from '../client/resource-type-names.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { addClientOptions, type CommonOptions, withClient, withCommon } from './client-options.ts';

const examples = `
Examples:
  in-cse listen --from Cme
  in-cse listen --from Cme --subscribe cse-in/me/temp     and say what is to be told
  in-cse listen --from Cme --json | jq .pc`;

interface ListenOptions extends CommonOptions {
  name?: string;
  subscribe?: string[];
}

/** Repeats are recognized among so many of the last notifications. */
const remembered = 10_000;

export function addListen(program: Command): void {
  const command = program
    .command('listen')
    .description('print the notifications that an AE gets, and answer them; registers the AE if there is none')
    .option('--name <name>', 'resource name of the AE, if it must be registered')
    .option('--subscribe <address...>', 'subscribe to new children of these resources first');
  addClientOptions(command, { required: true });
  command.addHelpText('after', examples);
  command.action((options: ListenOptions) => withClient(options, (client) => listen(client, options)));
}

async function listen(client: OneM2mClient, options: ListenOptions): Promise<void> {
  if (isUnnamed(options.from)) throw new WrongArgument('Say with --from who listens, such as --from Cme.');
  const seen = new Set<string>();
  await client.serve((request, json) => {
    if (!seen.has(request.requestIdentifier))
      process.stdout.write(options.json === true ? `${json}\n` : textOf(request));
    seen.add(request.requestIdentifier);
    if (seen.size > remembered) seen.delete(seen.values().next().value ?? '');
    return Status.ok;
  });
  await register(client, options);
  for (const address of options.subscribe ?? []) await subscribe(client, address, options);
  say(`Listening as ${options.from}. Ctrl-C ends.`);
  await interrupted();
}

/** Creates the AE unless there is one with this ID. */
async function register(client: OneM2mClient, options: ListenOptions): Promise<void> {
  const { from, cseId, name } = options;
  const type = resourceTypeNamed('ae');
  const asker = { originator: from, cseId };
  const code = await ask(client, options, [Status.conflict, Status.originatorHasAlreadyRegistered], {
    operation: Operation.create,
    to: cseId,
    resourceType: type.number,
    content: contentOf(type, name === undefined ? {} : { name }, asker),
  });
  say(isSuccess(code) ? `Registered ${from}.` : `${from} is registered already.`);
}

async function subscribe(client: OneM2mClient, address: string, options: ListenOptions): Promise<void> {
  const { from = '', cseId } = options;
  const type = resourceTypeNamed('subscription');
  // A name of its own, so that listening a second time does not subscribe a second time.
  const name = `listen-${from.slice(from.lastIndexOf('/') + 1)}`;
  const code = await ask(client, options, [Status.conflict], {
    operation: Operation.create,
    to: address,
    resourceType: type.number,
    content: contentOf(type, { name }, { originator: from, cseId }),
  });
  say(isSuccess(code) ? `Subscribed to new children of ${address}.` : `Subscribed to ${address} already.`);
}

async function ask(
  client: OneM2mClient,
  options: ListenOptions,
  expected: readonly number[],
  request: Omit<RequestPrimitive, 'requestIdentifier'>,
): Promise<number> {
  const { primitive } = await client.request(withCommon(request, options));
  const code = primitive.responseStatusCode;
  if (isSuccess(code) || expected.includes(code)) return code;
  throw new CommandFailed(ExitCode.failed, answerText(primitive));
}

/** A notification as people read it (TS-0004 7.5.1.2). */
function textOf(request: RequestPrimitive): string {
  const notification = request.content?.['m2m:sgn'] as NotificationContent | undefined;
  const time = new Date().toLocaleTimeString('en-GB');
  if (request.operation !== Operation.notify || notification === undefined) {
    return `${time} ${request.originator ?? ''} asks:\n${lines(request.content)}`;
  }
  const { sur = '?', nev, vrq, sud } = notification;
  if (vrq === true) return `${time} ${sur} asks whether notifications are wanted: yes\n`;
  if (sud === true) return `${time} ${sur} was deleted\n`;
  const { net, rep } = nev ?? {};
  return `${time} ${sur}: ${eventText(net)}\n${rep === undefined || typeof rep !== 'object' ? '' : lines(rep)}`;
}

interface NotificationContent {
  sur?: string;
  vrq?: boolean;
  sud?: boolean;
  nev?: { net?: number; rep?: PrimitiveContent };
}

const eventTexts: Readonly<Record<number, string>> = { 1: 'updated', 2: 'deleted', 3: 'new child', 4: 'child deleted' };

function eventText(net: number | undefined): string {
  return net === undefined ? 'notification' : (eventTexts[net] ?? `event ${net}`);
}

function lines(content: PrimitiveContent | undefined): string {
  return content === undefined ? '' : `${contentLines(content, '  ').join('\n')}\n`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Keeps the process until somebody wants it to end. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve());
  });
}
