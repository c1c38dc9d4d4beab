/** A record that could not be processed, as the operator sees it. */
import { splitFrame } from '../../contracts/frame.ts';
import { type DeadLetterHead, decodeRecord } from '../../contracts/records.ts';

export interface DeadLetter {
  /** By which it is called: its offset in the topic, or its line in the file. */
  number: number;
  head: DeadLetterHead;
  /** The record as it was. */
  record: Buffer;
}

/** Throws UnreadableRecord. */
export function readDeadLetter(number: number, frame: Buffer): DeadLetter {
  const { head, payload } = decodeRecord<DeadLetterHead>(frame, ['dead-letter']);
  return { number, head, record: payload };
}

/** A table, oldest first. */
export function deadLetterTable(letters: readonly DeadLetter[]): string {
  const rows = letters.map(({ number, head }) => [
    String(number),
    new Date(head.at).toISOString(),
    head.step,
    `${head.from.log}/${head.from.partition}/${head.from.offset}`,
    head.requestIdentifier ?? '',
    head.reason,
  ]);
  const table = [['number', 'time', 'step', 'from', 'rqi', 'reason'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Everything about one, its payload included: only for who asks for it. */
export function deadLetterText({ number, head, record }: DeadLetter): string {
  const { from, at, step, reason, requestIdentifier } = head;
  const lines = [
    `number   ${number}`,
    `time     ${new Date(at).toISOString()}`,
    `step     ${step}`,
    `reason   ${reason}`,
    `from     log ${from.log}, partition ${from.partition}, offset ${from.offset}`,
    ...(requestIdentifier === undefined ? [] : [`rqi      ${requestIdentifier}`]),
  ];
  return [...lines, '', ...partsOf(record)].join('\n');
}

function partsOf(record: Buffer): string[] {
  try {
    const { head, payload } = splitFrame(record);
    return ['head', JSON.stringify(head, undefined, 2), '', 'payload', payload.toString('utf8')];
  } catch {
    return ['record, which is not readable, in base64', record.toString('base64')];
  }
}
