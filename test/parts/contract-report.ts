/** What a contract suite found about an adapter, for the table that the whole run prints. */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterEach } from 'node:test';

/** Names the file that rows are appended to, one JSON object a line; without it nothing is written. */
export const contractReportVariable = 'IN_CSE_CONTRACT_REPORT';

export interface ContractRow {
  contract: string;
  adapter: string;
  test: string;
  passed: boolean;
}

/**
 * To be called first in the `describe` of a contract suite: from then on every test in it is a row of the report. `contract` is
 * the port's name (`request-log`), `adapter` what stands behind it (`kafka × 3`). A skipped test is no row.
 */
export function reportContract(contract: string, adapter: string): void {
  const file = process.env[contractReportVariable];
  if (file === undefined) return;
  afterEach((context) => {
    const { name, passed } = context as unknown as { name: string; passed: boolean }; // not in @types/node yet
    const row: ContractRow = { contract, adapter, test: name, passed };
    appendFileSync(file, `${JSON.stringify(row)}\n`);
  });
}

export function readContractRows(file: string): ContractRow[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as ContractRow);
}

/** A row per adapter, a column per contract, `passed/total` where they meet. */
export function contractMatrix(rows: readonly ContractRow[]): string {
  const contracts = [...new Set(rows.map(({ contract }) => contract))];
  const adapters = [...new Set(rows.map(({ adapter }) => adapter))];
  const cell = (adapter: string, contract: string): string => {
    const tests = rows.filter((row) => row.adapter === adapter && row.contract === contract);
    return tests.length === 0 ? '' : `${tests.filter(({ passed }) => passed).length}/${tests.length}`;
  };
  const table = [
    ['adapter', ...contracts],
    ...adapters.map((adapter) => [adapter, ...contracts.map((contract) => cell(adapter, contract))]),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  return table
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
