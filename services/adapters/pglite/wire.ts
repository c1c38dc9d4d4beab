/**
 * Calls as the bytes that PostgreSQL's frontend protocol wants, and its answers read back. PGlite's own `query` takes five
 * passes through the engine and plans anew each time; this way a whole flight is one pass with statements prepared once.
 */
import { protocol, types } from '@electric-sql/pglite';
import { type SqlCall, SqlError, type SqlResult } from '../../ports/sql-database.ts';

const { serialize } = protocol;

/** OIDs of the types that are not left as text. */
const typeBoolean = 16;
const typeBytes = 17;
const typeTexts = 1009;
const numberTypes = new Set([20, 21, 23, 26, 700, 701]);

/** PostgreSQL's SQLSTATE for a broken rule of the protocol. */
const protocolViolation = '08P01';

/** Encodes calls and remembers which statements the engine has prepared. */
export class CallEncoder {
  readonly #prepared = new Set<string>();

  /** Each call ends with a Sync of its own: one that fails does not swallow those behind it. */
  encode(calls: readonly SqlCall[]): Uint8Array {
    const pieces: Uint8Array[] = [];
    const announced = new Set<string>();
    for (const { statement, values = [] } of calls) {
      const { name, text } = statement;
      if (name === '' || !(this.#prepared.has(name) || announced.has(name))) {
        pieces.push(serialize.parse({ name, text, types: [] }));
        if (name !== '') announced.add(name);
      }
      pieces.push(
        serialize.bind({ portal: '', statement: name, values: values.map(textOrBytes), binary: false }),
        serialize.describe({ type: 'P', name: '' }),
        serialize.execute({ portal: '', rows: 0 }),
        serialize.sync(),
      );
    }
    return Buffer.concat(pieces);
  }

  /** The engine has taken the statement. */
  learn(name: string): void {
    if (name !== '') this.#prepared.add(name);
  }
}

function textOrBytes(value: string | number | boolean | null | Buffer): string | null | Uint8Array {
  return value === null || typeof value === 'string' || value instanceof Uint8Array ? value : String(value);
}

type Answer = SqlResult | SqlError;

/** The answers to `calls`, in their order; tells `prepared` of each statement that the engine has parsed or known. */
export function decode(bytes: Uint8Array, calls: readonly SqlCall[], prepared: (name: string) => void): Answer[] {
  const answers: Answer[] = [];
  let readers: ((text: string) => unknown)[] = [];
  let result: SqlResult = { rows: [], command: '' };
  let failure: SqlError | undefined;
  new protocol.Parser().parse(bytes, (message) => {
    if (message instanceof protocol.messages.DataRowMessage) {
      const { fields } = message;
      result.rows.push(
        fields.map((field, column) => {
          const read = readers[column];
          return field === null || read === undefined ? field : read(field);
        }),
      );
    } else if (message instanceof protocol.messages.RowDescriptionMessage) {
      readers = message.fields.map(({ dataTypeID }) => readerOf(dataTypeID));
    } else if (message instanceof protocol.messages.CommandCompleteMessage) {
      result.command = firstWord(message.text);
    } else if (message instanceof protocol.messages.DatabaseError) {
      failure = new SqlError(message.message, message.code ?? protocolViolation, message.detail);
    } else if (message.name === 'parseComplete') {
      prepared(calls[answers.length]?.statement.name ?? '');
    } else if (message instanceof protocol.messages.ReadyForQueryMessage) {
      answers.push(failure ?? result);
      result = { rows: [], command: '' };
      readers = [];
      failure = undefined;
    }
  });
  return answers;
}

function firstWord(text: string): string {
  const end = text.indexOf(' ');
  return end < 0 ? text : text.slice(0, end);
}

function readerOf(type: number): (text: string) => unknown {
  if (numberTypes.has(type)) return Number;
  if (type === typeBytes) return readBytes;
  if (type === typeTexts) return readTexts;
  return type === typeBoolean ? readBoolean : readText;
}

function readBoolean(text: string): boolean {
  return text === 't';
}

function readText(text: string): string {
  return text;
}

/** `{a,"b c"}` */
function readTexts(text: string): string[] {
  return types.arrayParser(text, readText, typeTexts);
}

/** `\x0a0b…` */
function readBytes(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}
