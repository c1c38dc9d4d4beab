/** The CSEs that this deployment hosts, found by the receiver level of a topic (R32). Replaced as a whole when it changes. */
import type { CseDescription } from '../core/cse.ts';
import { idToTopicLevel } from '../core/identifiers.ts';

export interface HostedCses {
  /** The CSE that a receiver level names, in SP-relative or absolute form. */
  byLevel(level: string): CseDescription | undefined;
  readonly all: readonly CseDescription[];
}

export function createHostedCses(cses: readonly CseDescription[]): HostedCses {
  const levels = new Map<string, CseDescription>();
  for (const cse of cses) {
    for (const level of [idToTopicLevel(cse.id), idToTopicLevel(`${cse.serviceProvider}${cse.id}`)]) {
      if (levels.has(level)) throw new Error(`Two CSEs claim the topic level "${level}": ${cse.id} must be renamed.`);
      levels.set(level, cse);
    }
  }
  return { byLevel: (level) => levels.get(level), all: [...cses] };
}

/** An answer of the CSE to itself, of no type: nobody else may send it, and the topic reader counts and drops it (R31). */
export function silenceProbeOf(cse: CseDescription, prefix: string): string {
  const level = idToTopicLevel(cse.id);
  return `${prefix}/oneM2M/resp/${level}/${level}/probe`;
}

/** What an IN-CSE listens to (TS-0010 6.4.3, 6.4.4): requests, answers to its own requests, first registrations. */
export function filtersOf(cse: CseDescription, prefix: string): string[] {
  const level = idToTopicLevel(cse.id);
  return [
    `${prefix}/oneM2M/req/+/${level}/#`,
    `${prefix}/oneM2M/reg_req/+/${level}/#`,
    `${prefix}/oneM2M/resp/${level}/#`,
  ];
}
