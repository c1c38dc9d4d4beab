/** The one table of broker access (issue 4, section 1): what its rows mean in concrete topics. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { coversFilter, isFilter } from '../../../services/core/broker-access/filters.ts';
import {
  type BrokerIdentity,
  isGrantableLevel,
  isIdentityName,
} from '../../../services/core/broker-access/identity.ts';
import { mayPublish, maySubscribe } from '../../../services/core/broker-access/judge.ts';
import { grantsOf, topicRules } from '../../../services/core/broker-access/topic-rules.ts';
import { identities, scope } from '../../fixtures/broker-access/identities.ts';
import { type AccessRow, accessRows, titleOf } from '../../fixtures/broker-access/rows.ts';

const everyone: readonly BrokerIdentity[] = Object.values(identities);

function judge({ who, action, topic, retain = false }: AccessRow): boolean {
  const grants = grantsOf(identities[who], scope);
  return action === 'publish' ? mayPublish(grants, topic, retain) : maySubscribe(grants, topic, scope.group);
}

describe('the judge of broker access', () => {
  for (const row of accessRows) it(titleOf(row), () => assert.equal(judge(row), row.allowed));

  it('every allowed row of the table is used by an allowed row of the expectations', () => {
    for (const rule of topicRules.filter(({ allowed }) => allowed)) {
      for (const kind of rule.kinds) {
        const proven = accessRows.some((row) => {
          const identity: BrokerIdentity = identities[row.who];
          if (!row.allowed || identity.kind !== kind || row.action !== rule.action) return false;
          const topic = row.topic.replace(/^\$share\/[^/]+\//, '');
          return patternsOf(rule.pattern, identity).some((pattern) => coversFilter(pattern, topic));
        });
        assert.ok(proven, `${kind}: ${rule.action} ${rule.pattern}`);
      }
    }
  });

  it('what the table denies by name no identity is granted', () => {
    for (const rule of topicRules.filter(({ allowed }) => !allowed)) {
      for (const identity of everyone) {
        assert.equal(maySubscribe(grantsOf(identity, scope), rule.pattern, scope.group), false);
        assert.equal(maySubscribe(grantsOf(identity, scope), `$share/x/${rule.pattern}`, scope.group), false);
      }
    }
  });

  it('subscriptions are granted with # at the end, so that no broker takes a # for one more level', () => {
    const patterns = topicRules.filter(({ action, allowed }) => allowed && action === 'subscribe');
    assert.deepEqual(
      patterns.map(({ pattern }) => pattern).filter((pattern) => !pattern.endsWith('/#')),
      [],
    );
  });

  it('with a prefix nothing is allowed without it but the probe', () => {
    const grants = grantsOf(identities.service, { ...scope, prefix: '/site-1', freeTopics: [] });
    const bare = grants.filter(({ filter }) => !filter.startsWith('/site-1/oneM2M/'));
    assert.deepEqual([...new Set(bare.map(({ filter }) => filter))], ['/oneM2M/probe/+', '/oneM2M/probe/#']);
  });

  for (const filter of [
    '',
    '/oneM2M/resp/Cpump/id-in/#/x',
    '/oneM2M/resp/Cpump/id-in/a+',
    '$share//x',
    '$share/in-cse',
  ]) {
    it(`denies what is no filter: '${filter}'`, () =>
      assert.equal(maySubscribe(grantsOf(identities.pump, scope), filter, scope.group), false));
  }

  it('refuses names and levels that would be more than one level or a pattern', () => {
    for (const bad of ['', '+', '#', 'a+', 'a#', '$SYS', 'a/b', 'a b', 'a\n', 'ä', 'a"b', '%u', `${'a'.repeat(256)}`]) {
      assert.equal(isGrantableLevel(bad), false, bad);
      assert.equal(isIdentityName(bad), false, bad);
    }
    for (const good of ['Cpump', 'id-in:Cpump', ':sp.example:id-in', '2-k1@as.example', 'a~b_c']) {
      assert.equal(isGrantableLevel(good), true, good);
    }
  });
});

function patternsOf(pattern: string, identity: BrokerIdentity): string[] {
  const filled = (cse: string, level: string) =>
    pattern
      .replace('{prefix}', '')
      .replace('{cse}', cse)
      .replace('{level}', level)
      .replace('{credential}', identity.credentialLevel ?? '-')
      .replace('{free}', scope.freeTopics[0] ?? '');
  const levels = identity.levels.length === 0 ? ['-'] : identity.levels;
  return scope.cses.flatMap((cse) => levels.map((level) => filled(cse, level)));
}

describe('filters compared (MQTT 4.7)', () => {
  const level = fc.constantFrom('a', 'b', '', '+', '#', '$x');
  const filter = fc
    .array(level, { minLength: 1, maxLength: 4 })
    .map((levels) => levels.join('/'))
    .filter((text) => isFilter(text));
  // `z` stands for every name that no filter mentions, and one level more than any filter has for all that is deeper.
  const topics = combinations(['a', 'b', '', 'z', '$x'], 5);

  it('covers says yes exactly where every topic of the one is a topic of the other', () => {
    fc.assert(
      fc.property(filter, filter, (granted, asked) => {
        const all = topics.every((topic) => !matches(asked, topic) || matches(granted, topic));
        // Too careful in one case: `+/#` is `#` in other words.
        const expected = granted === '+/#' && asked === '#' ? false : all;
        assert.equal(coversFilter(granted, asked), expected, `${granted} covers ${asked}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('a topic is covered exactly where the filter matches it', () => {
    fc.assert(
      fc.property(filter, fc.constantFrom(...topics), (granted, topic) => {
        assert.equal(coversFilter(granted, topic.join('/')), matches(granted, topic));
      }),
      { numRuns: 2000 },
    );
  });
});

function combinations(levels: readonly string[], longest: number): string[][] {
  const found: string[][] = levels.map((level) => [level]);
  for (let from = 0, length = 1; length < longest; length++) {
    const to = found.length;
    for (const base of found.slice(from, to)) for (const level of levels) found.push([...base, level]);
    from = to;
  }
  // An empty topic is none.
  return found.filter((topic) => topic.join('/') !== '');
}

/** The definition, word by word. */
function matches(filter: string, topic: readonly string[]): boolean {
  const walk = (wanted: readonly string[], given: readonly string[]): boolean => {
    const [first, ...rest] = wanted;
    if (first === undefined) return given.length === 0;
    if (first === '#') return true;
    if (given.length === 0) return false;
    return (first === '+' || first === given[0]) && walk(rest, given.slice(1));
  };
  if (topic[0]?.startsWith('$') && /^[+#]/.test(filter)) return false;
  return walk(filter.split('/'), topic);
}
