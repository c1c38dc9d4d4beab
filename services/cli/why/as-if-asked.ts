/** A request that nobody sent: what would be decided of it. */
import type { CseDescription } from '../../core/cse.ts';
import { idToTopicLevel } from '../../core/identifiers.ts';
import { Operation, type OperationName, operationName, type RequestPrimitive } from '../../core/primitives.ts';
import { resourceTypeByNumber } from '../../core/resource-types/registry.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import { resourceTypeNamed } from '../client/resource-type-names.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { type DecidedNow, decideNow } from './decide-now.ts';
import { originatorOf } from './question.ts';

export interface Supposition {
  operation: string;
  to: string;
  type?: string;
  originator: string;
  cseId?: string;
}

export const operationNames = Object.values(operationName);

export async function askAsIf(
  store: ResourceStore,
  asked: Supposition,
  now: number,
): Promise<{ request: RequestPrimitive; cse: CseDescription; originator: string; decided: DecidedNow }> {
  const cse = chosenCse(await store.cses(), asked.cseId);
  const originator = originatorOf(asked.originator, cse);
  if (originator === undefined) {
    throw new CommandFailed(ExitCode.usage, `"${asked.originator}" is no AE-ID or CSE-ID.`);
  }
  const request = requestOf(asked);
  const by = { originator, topicLevel: idToTopicLevel(originator), key: 'why', broker: 'default' };
  const decided = await decideNow(store, cse, request, by, { now, receivedAt: now });
  const hasContent = request.operation === Operation.create || request.operation === Operation.update;
  if (hasContent && decided.permitted) decided.outcome = { kind: 'permitted' };
  return { request, cse, originator, decided };
}

/** With an empty representation, since rights are asked before content. */
function requestOf({ operation, to, type }: Supposition): RequestPrimitive {
  const number = operationNames.indexOf(operation as OperationName) + 1;
  const request: RequestPrimitive = {
    operation: number as Operation,
    to,
    requestIdentifier: 'why',
    releaseVersion: '3',
  };
  if (request.operation === Operation.update) return { ...request, content: { 'm2m:any': {} } };
  if (request.operation !== Operation.create) return request;
  if (type === undefined) throw new CommandFailed(ExitCode.usage, 'A create needs --type: container, instance, 4 …');
  const resourceType = resourceTypeNamed(type).number;
  const member = resourceTypeByNumber(resourceType)?.member ?? 'm2m:any';
  return { ...request, resourceType, content: { [member]: {} } };
}

function chosenCse(hosted: readonly CseDescription[], cseId: string | undefined): CseDescription {
  const found = cseId === undefined ? hosted : hosted.filter(({ id }) => id === cseId);
  const [cse, ...others] = found;
  const ids = hosted.map(({ id }) => id).join(', ');
  if (cse === undefined) {
    throw new CommandFailed(ExitCode.failed, `There is no CSE ${String(cseId)} in this deployment, which has ${ids}.`);
  }
  if (others.length > 0) throw new CommandFailed(ExitCode.usage, `Say with --cse-id which CSE is meant: ${ids}.`);
  return cse;
}
