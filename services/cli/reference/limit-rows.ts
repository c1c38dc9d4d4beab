/** Every bound on what somebody may send or keep, with where it is checked and what is answered beyond it. */

import { maximumDepth } from '../../codecs/wire.ts';
import { maximumXmlBytes } from '../../codecs/xml.ts';
import { maximumTokenLength } from '../../core/identifiers.ts';
import { Limits, shorterLists } from '../../core/limits.ts';
import { maximumResults } from '../../core/operations/walk-descendants.ts';
import { ingressFlowSettings } from '../../ingress/config.ts';
import { kafkaSettings } from '../../platform/setting-pieces.ts';
import { scaledText } from '../../platform/setting-types.ts';
import { flagName } from '../../platform/settings.ts';
import { workerFlowSettings } from '../../resource-worker/config.ts';
import { cseSettings } from '../../resource-worker/cse-settings.ts';

export interface LimitRow {
  what: string;
  bound: string;
  /** Room or adapter that checks it; a test finds it in the tree. */
  checkedIn: string;
  /** Response status code, or what happens where nobody can be answered. */
  beyond: string;
  /** Setting, or that it is fixed. */
  change: string;
}

const fixed = 'fixed';
const refusedUnread = '5000, unread: repeat later with the same `rqi`';

interface NumericSetting {
  fallback: unknown;
  unit: string;
}

/** The default of a setting as the table of settings shows it. */
function bound({ fallback, unit }: NumericSetting): string {
  if (typeof fallback !== 'number' || fallback === 0) return 'none';
  return unit === 'bytes' || unit === 'ms' ? scaledText(fallback, unit) : `${fallback} ${unit}`;
}

export function limitRows(): LimitRow[] {
  const ingress = (name: keyof typeof ingressFlowSettings, what: string, beyond: string): LimitRow => ({
    what,
    bound: bound(ingressFlowSettings[name]),
    checkedIn: 'services/ingress',
    beyond,
    change: `\`${flagName(name)}\``,
  });
  const core = (what: string, limit: string, beyond: string, checkedIn = 'services/core'): LimitRow => ({
    what,
    bound: limit,
    checkedIn,
    beyond,
    change: fixed,
  });
  const quota = (name: 'quotaApplicationEntities' | 'quotaResources' | 'quotaBytes', what: string): LimitRow => ({
    what,
    bound: bound(cseSettings[name]),
    checkedIn: 'services/core',
    beyond: '5207; deletes, reads and updates that do not grow go on',
    change: `\`${flagName(name)}\`, for each CSE`,
  });
  const worker = (name: keyof typeof workerFlowSettings, what: string): LimitRow => ({
    what,
    bound: bound(workerFlowSettings[name]),
    checkedIn: 'services/resource-worker',
    beyond: 'the oldest are dropped and counted; the subscription stays (R23)',
    change: `\`${flagName(name)}\``,
  });
  return [
    ingress('payloadBytes', 'payload of a message', '4000, unread'),
    core('XML document', scaledText(maximumXmlBytes, 'bytes'), '4000', 'services/codecs'),
    core('nesting of objects, arrays, elements', `${maximumDepth} levels`, '4000', 'services/codecs'),
    core('members of all objects of a payload', `${Limits.payloadMembers}`, '4000', 'services/codecs'),
    core('values of one list, of an attribute or a parameter', `${Limits.listMembers}`, '4000'),
    ...Object.entries(shorterLists).map(([list, most]) => core(`values of \`${list}\``, `${most}`, '4000')),
    core('values of one condition in `fc`', `${Limits.conditionValues}`, '4000', 'services/codecs'),
    core('requestIdentifier (`rqi`)', `${Limits.requestIdentifierLength} characters`, '4000', 'services/codecs'),
    core('attributes of a resource', 'those of its type; any other is refused', '4000'),
    core('numbers', '2^53 − 1 either way; in free content none', '4000', 'services/codecs'),
    core('name or ID of a resource', `${maximumTokenLength} characters`, '4000'),
    core('ID or URI in an attribute', `${Limits.addressLength} characters`, '4000'),
    core('label', `${Limits.labelLength} characters`, '4000'),
    core('levels of a tree below the CSEBase, without instances', `${Limits.treeLevels}`, '5207'),
    core('`lvl` of `fc`', 'no tree is deeper than the levels above', 'counts as that deep'),
    core('resources in one answer (`lim` may ask for less)', `${maximumResults}`, 'partial result (`cnst`, `cnot`)'),
    core('subscriptions of one resource', `${Limits.subscriptionsPerResource}`, '5207'),
    {
      what: 'record of a log, in which a request stands with its way back',
      bound: bound(kafkaSettings.recordBytes),
      checkedIn: 'services/ingress',
      beyond: '4000',
      change: `\`${flagName('recordBytes')}\``,
    },
    ingress('originatorRate', 'requests a second of one originator, for each ingress process', refusedUnread),
    ingress('originatorBurst', 'requests of one originator at once, all processes together in a second', refusedUnread),
    ingress('originatorInFlight', 'requests of one originator under way, for each ingress process', refusedUnread),
    ingress('cseInFlight', 'requests of one CSE under way, for each ingress process', refusedUnread),
    {
      what: 'requests a second of all originators of a CSE',
      bound: bound(cseSettings.quotaRequests),
      checkedIn: 'services/ingress',
      beyond: refusedUnread,
      change: `\`${flagName('quotaRequests')}\`, for each CSE`,
    },
    ingress('answerRate', 'answers a second of one device', 'dropped and counted; the notification is repeated'),
    quota('quotaApplicationEntities', 'registered AEs of a CSE'),
    quota('quotaResources', 'resources of a CSE'),
    quota('quotaBytes', 'bytes of the attributes of all resources of a CSE'),
    worker('notificationQueue', 'notifications that wait for one target'),
    ingress('maximumUnacknowledged', 'messages unacknowledged to the broker', 'reading stops; the broker keeps them'),
    ingress('overloadAge', 'age of the oldest record that the log has not acknowledged', '5000 (R29)'),
  ];
}
