/** What all client commands have in common: how to reach a CSE, as whom, and how to end. */
import { type Command, Option } from 'commander';
import type { BrokerAddress } from '../../adapters/mqtt/broker-address.ts';
import type { SerializationName } from '../../codecs/registry.ts';
import { isSuccess } from '../../core/status-codes.ts';
import { answerText } from '../client/answer-text.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { type Answer, type ClientOptions, NoAnswer, OneM2mClient } from '../client/one-m2m-client.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';

/** As commander gives them. */
export interface CommonOptions {
  url: string;
  cseId: string;
  from?: string;
  json?: true;
  xml?: true;
  timeout: string;
  tries: string;
  topicPrefix?: string;
  credentialId?: string;
  ca?: string;
  cert?: string;
  key?: string;
  release: string;
}

const group = 'Connection:';

export function addClientOptions(command: Command, from: { required: boolean }): Command {
  const originator = new Option('--from <originator>', 'AE-ID that asks, such as Cme').env('IN_CSE_FROM');
  if (from.required) originator.makeOptionMandatory();
  command.addOption(originator);
  command.addOption(new Option('--json', 'print the answer as JSON, and nothing else on standard output'));
  const connection = [
    new Option('--url <url>', 'broker').default('mqtt://127.0.0.1:1883').env('IN_CSE_URL'),
    new Option('--cse-id <id>', 'CSE-ID of the CSE to ask')
      .default('/id-in')
      .env('IN_CSE_CSE_ID')
      .argParser((id: string) => (id.startsWith('/') ? id : `/${id}`)),
    new Option('--timeout <seconds>', 'how long to wait for an answer before asking again').default('5'),
    new Option('--tries <count>', 'how often to send the request, always under the same rqi').default('3'),
    new Option('--xml', 'speak XML with the CSE'),
    new Option('--release <version>', 'release of oneM2M (rvi)').default('3'),
    new Option('--topic-prefix <levels>', 'topic levels in front of /oneM2M'),
    new Option(
      '--credential-id <id>',
      'Credential-ID to register with, where the CSE chooses the AE-ID; else a random one',
    ),
    new Option('--ca <file>', 'PEM file of the authorities that sign the broker’s certificate'),
    new Option('--cert <file>', 'PEM file of our certificate, where the broker asks for one'),
    new Option('--key <file>', 'PEM file of its key'),
  ];
  for (const option of connection) command.addOption(option.helpGroup(group));
  return command;
}

export function clientOptionsOf(options: CommonOptions): ClientOptions {
  const serialization: SerializationName = options.xml === true ? 'xml' : 'json';
  const url = URL.parse(options.url);
  if (url === null || !['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol)) {
    throw new WrongArgument(`--url must be a URL such as mqtt://127.0.0.1:1883, not "${options.url}".`);
  }
  return {
    address: addressOf(options),
    cseId: options.cseId,
    originator: options.from,
    serialization,
    timeLimit: positive(options.timeout, '--timeout') * 1000,
    tries: Math.ceil(positive(options.tries, '--tries')),
    notice: (text) => process.stderr.write(`${text}\n`),
    ...(options.topicPrefix === undefined ? {} : { topicPrefix: options.topicPrefix }),
    ...(options.credentialId === undefined ? {} : { credentialId: options.credentialId }),
  };
}

function addressOf({ url, ca, cert, key }: CommonOptions): BrokerAddress {
  const tls = {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
  };
  return Object.keys(tls).length === 0 ? { url } : { url, tls };
}

function positive(text: string, flag: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new WrongArgument(`${flag} must be a number above 0, not "${text}".`);
  return number;
}

type OneRequest = Parameters<OneM2mClient['request']>[0];

/** Asks once, prints the answer, and ends the process with what it says. */
export async function askAndPrint(options: CommonOptions, request: OneRequest): Promise<void> {
  const answer = await withClient(options, (client) => client.request(withCommon(request, options)));
  printAnswer(answer, options);
  if (!isSuccess(answer.primitive.responseStatusCode)) process.exitCode = ExitCode.failed;
}

/** What every request carries: who asks, and by which release. */
export function withCommon(request: OneRequest, { from, release }: CommonOptions): OneRequest {
  return { ...request, ...(from === undefined ? {} : { originator: from }), releaseVersion: release };
}

/** Opens a client, and closes it whatever happens. */
export async function withClient<Result>(
  options: CommonOptions,
  use: (client: OneM2mClient) => Promise<Result>,
): Promise<Result> {
  try {
    const client = await OneM2mClient.open(clientOptionsOf(options));
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    if (error instanceof NoAnswer) throw new CommandFailed(ExitCode.noAnswer, error.message);
    throw error;
  }
}

export function printAnswer(answer: Answer, { json }: Pick<CommonOptions, 'json'>): void {
  process.stdout.write(`${json === true ? answer.json : answerText(answer.primitive)}\n`);
}
