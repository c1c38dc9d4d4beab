/** A table as Markdown has it, with a newline at its end; a bar in a cell stays one. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => '---'), ...rows.map((cells) => cells.map(escapeBars))];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function escapeBars(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
