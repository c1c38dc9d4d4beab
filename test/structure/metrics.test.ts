/** Labels of metrics have fixed sets of values (issue 4 §4): no input of a device makes a series. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { operationName } from '../../services/core/primitives.ts';
import { isKnownResourceType, kindOfResourceType } from '../../services/core/resource-types/known-types.ts';
import { shardCount } from '../../services/core/sharding.ts';
import { statusCodes } from '../../services/core/status-codes.ts';
import { type MetricRow, mostCombinations, other, reportedValue } from '../../services/platform/metric-types.ts';
import {
  logLabel,
  operationLabel,
  partitionLabel,
  statusLabel,
  typeLabel,
} from '../../services/platform/metrics/label-values.ts';
import { createMetrics, metricTable } from '../../services/platform/metrics.ts';
import { projectFiles, readProjectFile } from './sources.ts';

const rows: [string, MetricRow][] = Object.entries(metricTable);

/** Series that a metric can have at most; of a histogram each bucket is one. */
function mostSeries(row: MetricRow): number {
  const combinations = row.labels.reduce((product, { values }) => {
    if (values === 'constant') return product;
    if ('atMost' in values) return product * (1 + values.atMost);
    return product * (1 + ('from' in values ? values.to - values.from + 1 : values.length));
  }, 1);
  // Counters and histograms stop at a bound; only gauges of partitions are more than that.
  return row.kind === 'gauge' ? combinations : Math.min(combinations, mostCombinations);
}

describe('the registry of metrics', () => {
  it('says name, unit and help of each', () => {
    assert.ok(rows.length >= 40);
    const names = rows.map(([, { name }]) => name);
    assert.equal(new Set(names).size, names.length, 'no name twice');
    for (const [key, { name, unit, help, kind }] of rows) {
      assert.match(name, /^incse(_[a-z]+)+$/, key);
      assert.equal(name.endsWith('_total'), kind === 'counter', name);
      assert.match(help, /^\S.{10,}\.$/s, name);
      assert.match(unit, /^[a-z]+$/, name);
      if (unit === 'seconds' || unit === 'bytes') assert.match(name, new RegExp(`_${unit}(_total)?$`));
    }
  });

  it('gives every label a fixed set of values, or one value for the life of the process', () => {
    for (const [, row] of rows) {
      for (const { name, values } of row.labels) {
        assert.match(name, /^[a-z]+$/);
        if (values === 'constant') {
          assert.equal(row.name, 'incse_build_info', 'only what runs is told by constants');
        } else if ('atMost' in values) assert.ok(values.atMost <= 50, row.name);
        else if ('from' in values) assert.ok(values.to - values.from < 6000, row.name);
        else {
          assert.ok(values.length > 0 && values.length < 100, row.name);
          assert.equal(new Set(values).size, values.length, `${row.name}: ${name}`);
        }
      }
    }
  });

  it('bounds the series of each metric', () => {
    // Of partitions a process reports those that it has; the bound is that of all partitions of all logs.
    const most = 4 * (shardCount + 1);
    for (const [, row] of rows) assert.ok(mostSeries(row) <= most, `${row.name}: ${mostSeries(row)}`);
  });

  it('has buckets that ascend', () => {
    for (const [, row] of rows) {
      if (row.kind !== 'histogram') continue;
      assert.deepEqual(
        row.buckets.toSorted((a, b) => a - b),
        row.buckets,
        row.name,
      );
    }
  });

  it('knows the operations, types and status codes of the standard, and the partitions that there can be', () => {
    for (const name of Object.values(operationName)) assert.equal(reportedValue(operationLabel, name), name);
    for (let type = 1; type < 11_000; type++) {
      if (!isKnownResourceType(type)) continue;
      assert.notEqual(reportedValue(typeLabel, kindOfResourceType(type)), other, `type ${type}`);
    }
    assert.equal(kindOfResourceType(10_003), 'announced');
    for (const { code } of statusCodes) assert.equal(reportedValue(statusLabel, code), String(code));
    assert.equal(reportedValue(partitionLabel, shardCount - 1), String(shardCount - 1));
    assert.equal(reportedValue(logLabel, 'dead-letters'), 'dead-letters');
  });

  it('counts what is in no set under "other", however much of it comes', async () => {
    const metrics = createMetrics();
    for (let index = 0; index < 10_000; index++) {
      metrics.requests.add(1, 'create', `forged-${index}`, 100_000 + index);
      metrics.oldestUnprocessedSeconds.set(1, 'requests', 10_000 + index);
    }
    const text = await metrics.registry.metrics();
    assert.match(text, /incse_requests_total\{operation="create",type="other",status="other"\} 10000/);
    assert.doesNotMatch(text, /forged/);
    assert.equal(text.match(/^incse_oldest_unprocessed_seconds\{/gm)?.length, 1);
  });

  it('stops making combinations at a bound', async () => {
    const metrics = createMetrics();
    for (let status = 1000; status < 7000; status++) metrics.requests.add(1, 'create', 'container', status);
    const lines = (await metrics.registry.metrics()).match(/^incse_requests_total\{/gm) ?? [];
    assert.ok(lines.length <= mostCombinations + 1, `${lines.length} series`);
  });
});

describe('metrics in the code', () => {
  it('are made nowhere else: the registry is the only place that knows the client', () => {
    const users = projectFiles().filter(
      (file) => /^services\/.*\.ts$/.test(file) && /from 'prom-client'/.test(readProjectFile(file)),
    );
    assert.deepEqual(users.toSorted(), ['services/platform/metric-types.ts', 'services/platform/metrics.ts']);
  });
});

const promtool = spawnSync('promtool', ['--version']).error === undefined;

describe('what a scrape gives', { skip: promtool ? false : 'promtool is not installed' }, () => {
  it('follows the conventions of Prometheus (promtool check metrics)', async () => {
    const text = await createMetrics().registry.metrics();
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });
});
