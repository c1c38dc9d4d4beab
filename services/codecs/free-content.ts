/**
 * The exact pass over JSON text: refuses duplicate members and NUL by name, and rewrites every free value that is no string
 * into `{"$json":"<its text>"}`, so that digits and key order survive (decisions "Content fidelity"). Character by
 * character: regular expressions for tokens took three times as long.
 */
import { CodecError } from './codec-error.ts';
import { isFreeAttribute, refuseName } from './wire.ts';

/**
 * The rewritten text. What it does not check, JSON.parse of the result does. Depth must have been checked before. Throws
 * CodecError.
 */
export function keepFreeContent(text: string): string {
  return new ExactPass(text).run();
}

class ExactPass {
  private readonly text: string;
  private at = 0;
  private copied = 0;
  private result = '';

  constructor(text: string) {
    this.text = text;
  }

  run(): string {
    this.skipSpace();
    this.value('');
    return this.result + this.text.slice(this.copied);
  }

  private value(element: string): void {
    const code = this.text.charCodeAt(this.at);
    if (code === 0x22) this.string();
    else if (code === 0x7b) this.object(element);
    else if (code === 0x5b) this.array(element);
    else this.scalar();
  }

  private object(element: string): void {
    const names: string[] = [];
    this.at++;
    this.skipSpace();
    while (this.text.charCodeAt(this.at) !== 0x7d) {
      const name = this.name();
      names.push(name);
      this.punctuation(0x3a);
      if (this.isFree(element, name)) this.freeValue();
      else this.value(name);
      this.skipSpace();
      if (this.text.charCodeAt(this.at) !== 0x7d) this.punctuation(0x2c);
    }
    this.at++;
    refuseDuplicates(names);
  }

  private array(element: string): void {
    this.at++;
    this.skipSpace();
    while (this.text.charCodeAt(this.at) !== 0x5d) {
      this.value(element);
      this.skipSpace();
      if (this.text.charCodeAt(this.at) !== 0x5d) this.punctuation(0x2c);
    }
    this.at++;
  }

  private name(): string {
    if (this.text.charCodeAt(this.at) !== 0x22) throw notJson();
    const start = this.at;
    const escaped = this.string();
    const name = escaped ? parsed(this.text.slice(start, this.at)) : this.text.slice(start + 1, this.at - 1);
    refuseName(name as string);
    return name as string;
  }

  /** A string is no matter, and null means that there is no value. */
  private isFree(element: string, name: string): boolean {
    if (!isFreeAttribute(element, name)) return false;
    return this.text.charCodeAt(this.at) !== 0x22 && !this.text.startsWith('null', this.at);
  }

  private freeValue(): void {
    const start = this.at;
    const value = this.skipValue();
    parsed(value);
    this.result += `${this.text.slice(this.copied, start)}{"$json":${JSON.stringify(value)}}`;
    this.copied = this.at;
  }

  /**
   * Passes over a value whose names are nobody's business. Its text without insignificant white space: `cs` counts the
   * bytes of this.
   */
  private skipValue(): string {
    let depth = 0;
    let compact = '';
    do {
      const start = this.at;
      const code = this.text.charCodeAt(start);
      if (code === 0x22) this.string();
      else if (code === 0x7b || code === 0x5b) {
        depth++;
        this.at++;
      } else if (code === 0x7d || code === 0x5d) {
        depth--;
        this.at++;
      } else if (code === 0x2c || code === 0x3a) this.at++;
      else this.scalar();
      compact += this.text.slice(start, this.at);
      if (depth > 0) this.skipSpace();
    } while (depth > 0);
    return compact;
  }

  /** Moves behind a string; true if there are escapes in it. */
  private string(): boolean {
    const { text } = this;
    let escaped = false;
    for (let at = this.at + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.at = at + 1;
        return escaped;
      }
      if (code === 0x5c) {
        escaped = true;
        if (text.startsWith('u0000', at + 1)) throw new CodecError('NUL is not allowed in strings.');
        at++;
      }
    }
    throw notJson();
  }

  /** Moves behind a number or a literal. */
  private scalar(): void {
    const start = this.at;
    while (this.at < this.text.length && !endsScalar(this.text.charCodeAt(this.at))) this.at++;
    if (this.at === start) throw notJson();
  }

  private punctuation(code: number): void {
    this.skipSpace();
    if (this.text.charCodeAt(this.at) !== code) throw notJson();
    this.at++;
    this.skipSpace();
  }

  private skipSpace(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** White space, a comma, or the end of an array or object. */
function endsScalar(code: number): boolean {
  return code === 0x2c || code === 0x7d || code === 0x5d || isSpace(code);
}

/** Up to this many names are compared pair by pair, which is faster than a Set. */
const fewNames = 12;

function refuseDuplicates(names: string[]): void {
  if (names.length > fewNames) {
    if (new Set(names).size !== names.length) throw new CodecError('A member is there twice.');
    return;
  }
  for (let later = 1; later < names.length; later++) {
    const name = names[later];
    for (let earlier = 0; earlier < later; earlier++) {
      if (names[earlier] === name) throw new CodecError(`The member ${name} is there twice.`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

function notJson(): CodecError {
  return new CodecError('The payload is not valid JSON.');
}
