/**
 * What EMQX does with a rule file, by its documentation and sources: rules from the top, the first that fits decides; a topic
 * fits level by level, where a `+` or `#` that is asked for is a level like another; the group of a shared subscription is
 * taken off before. Placeholders are not filled in: a file that had one is refused.
 */
type Term = string | number | boolean | { atom: string } | Term[] | { tuple: Term[] };

export interface EmqxQuestion {
  username: string;
  action: 'publish' | 'subscribe';
  topic: string;
  retain: boolean;
}

export class EmqxRules {
  readonly #rules: Term[][];

  constructor(text: string) {
    if (text.includes('${')) throw new Error('a placeholder');
    this.#rules = new ErlangTerms(text).all().map((term) => tupleOf(term));
  }

  /** undefined where no rule fits: then `authorization.no_match` decides. */
  decide(question: EmqxQuestion): boolean | undefined {
    const topic = question.action === 'subscribe' ? withoutGroup(question.topic) : question.topic;
    const found = this.#rules.find((rule) => fits(rule, { ...question, topic }));
    return found === undefined ? undefined : atomOf(found[0]) === 'allow';
  }
}

function fits([, who, action, topics]: Term[], question: EmqxQuestion): boolean {
  if (action === undefined) return atomOf(who) === 'all';
  return (
    isWho(who, question) && isAction(action, question) && listOf(topics).some((one) => isTopic(one, question.topic))
  );
}

function isWho(who: Term | undefined, { username }: EmqxQuestion): boolean {
  if (isAtom(who)) return atomOf(who) === 'all';
  const [kind, name] = tupleOf(who);
  if (atomOf(kind) !== 'username') throw new Error('an unknown kind of client');
  return name === username;
}

function isAction(action: Term, question: EmqxQuestion): boolean {
  if (isAtom(action)) return ['all', question.action].includes(atomOf(action));
  const [kind, options] = tupleOf(action);
  const wanted = listOf(options).map((option) => tupleOf(option));
  return (
    atomOf(kind) === question.action &&
    wanted.every(([name, value]) => atomOf(name) === 'retain' && atomOf(value) === String(question.retain))
  );
}

function isTopic(pattern: Term, topic: string): boolean {
  if (typeof pattern !== 'string') return tupleOf(pattern)[1] === topic;
  return matches(topic.split('/'), pattern.split('/'));
}

function matches(topic: string[], filter: string[]): boolean {
  const [wanted, ...rest] = filter;
  if (wanted === '#' && rest.length === 0) return true;
  if (topic.length === 0 || wanted === undefined) return topic.length === 0 && wanted === undefined;
  return (wanted === '+' || wanted === topic[0]) && matches(topic.slice(1), rest);
}

function withoutGroup(filter: string): string {
  return filter.replace(/^\$share\/[^/]+\//, '');
}

function isAtom(term: Term | undefined): term is { atom: string } {
  return typeof term === 'object' && 'atom' in term;
}

function atomOf(term: Term | undefined): string {
  if (!isAtom(term)) throw new Error(`no atom: ${JSON.stringify(term)}`);
  return term.atom;
}

function tupleOf(term: Term | undefined): Term[] {
  if (typeof term !== 'object' || !('tuple' in term)) throw new Error(`no tuple: ${JSON.stringify(term)}`);
  return term.tuple;
}

function listOf(term: Term | undefined): Term[] {
  if (!Array.isArray(term)) throw new Error(`no list: ${JSON.stringify(term)}`);
  return term;
}

/** `file:consult`: terms, each ended by a dot. */
class ErlangTerms {
  readonly #tokens: string[];

  constructor(text: string) {
    const pattern = /%[^\n]*|\s+|("(?:[^"\\]|\\.)*"|[{}[\],.]|[a-z][A-Za-z0-9_@]*)/gy;
    const tokens: string[] = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      end = match.index + match[0].length;
      if (match[1] !== undefined) tokens.push(match[1]);
    }
    if (end !== text.length) throw new Error(`not Erlang at ${end}: ${text.slice(end, end + 20)}`);
    this.#tokens = tokens;
  }

  all(): Term[] {
    const terms: Term[] = [];
    while (this.#tokens.length > 0) {
      terms.push(this.#term());
      this.#expect('.');
    }
    return terms;
  }

  #term(): Term {
    const token = this.#tokens.shift() ?? '';
    if (token === '{') return { tuple: this.#until('}') };
    if (token === '[') return this.#until(']');
    if (token.startsWith('"')) return token.slice(1, -1);
    if (!/^[a-z]/.test(token)) throw new Error(`unexpected: ${token}`);
    return { atom: token };
  }

  #until(end: string): Term[] {
    const terms: Term[] = [];
    if (this.#tokens[0] === end) {
      this.#tokens.shift();
      return terms;
    }
    for (;;) {
      terms.push(this.#term());
      const next = this.#tokens.shift();
      if (next === end) return terms;
      if (next !== ',') throw new Error(`unexpected: ${next}`);
    }
  }

  #expect(token: string): void {
    const next = this.#tokens.shift();
    if (next !== token) throw new Error(`${token} expected, not ${next}`);
  }
}
