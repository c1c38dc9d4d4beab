/** What the operator asks for, and how it is recognised in records: by bytes first, then by what they say. */
import type { OutboundHead, RequestHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import { canonicalId, topicLevelToId } from '../../core/identifiers.ts';
import type { RequestPrimitive } from '../../core/primitives.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';

/** At least one of `requestIdentifier` and `originator`. */
export interface Question {
  requestIdentifier?: string;
  /** In any form: `Cpump`, `/id-in/Cpump`, `//sp.example/id-in/Cpump`, `id-in:Cpump`. */
  originator?: string;
  /** Only requests to this hosting CSE. */
  cseId?: string;
  /** How far back, ms since 1970. */
  since: number;
  /** Most requests to tell of. */
  limit: number;
}

/** The question in the terms of the hosted CSEs. */
export interface Wanted {
  requestIdentifier: string | undefined;
  /** Canonical originator by number of CSE; a CSE that is not there is not asked about. */
  originators: ReadonlyMap<number, string> | undefined;
  cses: ReadonlyMap<number, CseDescription>;
}

/** Throws CommandFailed for a CSE that is not hosted or a text that names nobody. */
export function wantedBy(question: Question, hosted: readonly CseDescription[]): Wanted {
  const { requestIdentifier, originator, cseId } = question;
  const cses = hosted.filter(({ id }) => cseId === undefined || id === cseId);
  if (cses.length === 0) {
    const ids = hosted.map(({ id }) => id).join(', ');
    throw new CommandFailed(ExitCode.failed, `There is no CSE ${String(cseId)} in this deployment, which has ${ids}.`);
  }
  const originators = new Map<number, string>();
  if (originator !== undefined) {
    for (const cse of cses) {
      const canonical = originatorOf(originator, cse);
      if (canonical !== undefined) originators.set(cse.number, canonical);
    }
    if (originators.size === 0) throw new CommandFailed(ExitCode.usage, `"${originator}" is no AE-ID or CSE-ID.`);
  }
  return {
    requestIdentifier,
    originators: originator === undefined ? undefined : originators,
    cses: new Map(cses.map((cse) => [cse.number, cse])),
  };
}

/** Canonical; undefined for what is no ID in any of its forms. */
export function originatorOf(text: string, cse: CseDescription): string | undefined {
  return canonicalId(text, cse) ?? topicLevelToId(text, cse);
}

/** Bytes of which a record of the requests log must hold one. */
export function bytesInRequests({ requestIdentifier, originators }: Wanted): Buffer[] {
  return requestIdentifier === undefined
    ? [...(originators?.values() ?? [])].map((each) => memberBytes('originator', each))
    : [memberBytes('requestIdentifier', requestIdentifier)];
}

/** The same of the outbound log, and of the journal, which holds the same records. */
export function bytesInAnswers({ requestIdentifier, originators }: Wanted): Buffer[] {
  return requestIdentifier === undefined
    ? [...(originators?.values() ?? [])].map((each) => memberBytes('receiver', each))
    : [memberBytes('requestIdentifier', requestIdentifier)];
}

function memberBytes(name: string, value: string): Buffer {
  return Buffer.from(`"${name}":${JSON.stringify(value)}`);
}

export function isWantedRequest(wanted: Wanted, head: RequestHead, request: RequestPrimitive): boolean {
  return isWanted(wanted, head.cse, request.requestIdentifier, head.originator);
}

export function isWantedAnswer(wanted: Wanted, head: OutboundHead): boolean {
  return head.kind === 'response' && isWanted(wanted, head.cse, head.requestIdentifier, head.receiver);
}

function isWanted(
  { requestIdentifier, originators, cses }: Wanted,
  cse: number,
  foundIdentifier: string,
  foundOriginator: string,
): boolean {
  if (!cses.has(cse)) return false;
  if (requestIdentifier !== undefined && requestIdentifier !== foundIdentifier) return false;
  return originators === undefined || originators.get(cse) === foundOriginator;
}
