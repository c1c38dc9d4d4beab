/** Commands that print pages of the documentation from the code itself; a test compares them with what is committed. */
import type { Command } from 'commander';
import { markdownTable } from '../../platform/markdown-table.ts';
import { metricTable } from '../../platform/metrics.ts';
import { metricsTable } from '../../platform/metrics-table.ts';
import { settingsTable } from '../../platform/settings-table.ts';
import { limitRows } from '../reference/limit-rows.ts';
import { settingsByCommand } from './known-settings.ts';

export function addReference(program: Command): void {
  program
    .command('settings')
    .description('the settings of every process, as Markdown')
    .action(() => void process.stdout.write(settingsPage()));
  program
    .command('metrics-table')
    .description('the metrics that the processes report, as Markdown')
    .action(() => void process.stdout.write(metricsPage()));
  program
    .command('limits-table')
    .description('every limit, with what is answered beyond it, as Markdown')
    .action(() => void process.stdout.write(limitsPage()));
}

const limitsIntroduction = `# Limits

Printed by \`in-cse limits-table\`; not to be edited.

What somebody may send or keep, and what is answered beyond it. A flag is also a variable of the environment and a name in a
file ([settings.md](settings.md)); defaults are shown. Refusals by the limits of originators and CSEs are counted in
\`incse_ingress_limited_total\` and \`incse_quota_refusals_total\` ([metrics.md](metrics.md)).

A rate is exact within one ingress process. What may come at once, and the rate of a CSE, several share through Redis: what they
let in between two reports (a quarter of a second) may come on top. Without Redis each keeps to the rate alone. Quotas of what is kept are no hard limits either: a
worker knows what others have committed as of \`--usage-refresh\` ago.
`;

function limitsPage(): string {
  const header = ['What', 'Bound', 'Checked in', 'Beyond it', 'Change'];
  const rows = limitRows().map(({ what, bound, checkedIn, beyond, change }) => [
    what,
    bound,
    checkedIn,
    beyond,
    change,
  ]);
  return `${limitsIntroduction}\n${markdownTable(header, rows)}`;
}

const settingsIntroduction = `# Settings

Printed by \`in-cse settings\`; not to be edited.

A setting is a flag of its command, a variable of the environment, or a name in a JSON file (\`--settings <file>\` or
\`IN_CSE_SETTINGS\`), which may hold the settings of several processes. A flag wins over the environment, the environment
over the file. A secret is better given as the path of a file in \`IN_CSE_<NAME>_FILE\`.

Durations are written as \`250ms\`, \`30s\`, \`5m\`, \`1h\`, \`1d\`, sizes as \`64KB\`, \`16MB\`; a bare number is in the unit that
the table names.
`;

function settingsPage(): string {
  const sections = Object.entries(settingsByCommand).map(
    ([command, definitions]) => `## in-cse ${command}\n\n${settingsTable(definitions)}`,
  );
  return [settingsIntroduction, ...sections].join('\n');
}

const metricsIntroduction = `# Metrics

Printed by \`in-cse metrics-table\`; not to be edited.

Every process reports them at \`/metrics\` of its admin port, in the text format of Prometheus, beside those of Node itself
(\`nodejs_…\`, \`process_…\`; the delay of the event loop is \`nodejs_eventloop_lag_…\`). Labels have values of fixed sets
only, never what a device sent; what is in no set counts as \`other\`.

From a device's message to its answer: the stage \`ingress\` (arrival to PUBACK, one clock), then \`incse_answer_seconds\` (append
time of the request, by Kafka's clock, to the broker's PUBACK of the answer, by the responder's clock: as good as the clocks of
the machines agree, never below 0).
`;

function metricsPage(): string {
  return `${metricsIntroduction}\n${metricsTable(metricTable)}`;
}
