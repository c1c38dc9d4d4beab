/** Commands that print pages of the documentation from the code itself; a test compares them with what is committed. */
import type { Command } from 'commander';
import { createMetrics } from '../../platform/metrics.ts';
import { metricsTable } from '../../platform/metrics-table.ts';
import { settingsTable } from '../../platform/settings-table.ts';
import { settingsByCommand } from './known-settings.ts';

export function addReference(program: Command): void {
  program
    .command('settings')
    .description('the settings of every process, as Markdown')
    .action(() => void process.stdout.write(settingsPage()));
  program
    .command('metrics-table')
    .description('the metrics that the processes report, as Markdown')
    .action(async () => void process.stdout.write(await metricsPage()));
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
(\`nodejs_…\`, \`process_…\`). Labels have values of fixed sets only, never what a device sent.
`;

async function metricsPage(): Promise<string> {
  return `${metricsIntroduction}\n${await metricsTable(createMetrics().registry)}`;
}
