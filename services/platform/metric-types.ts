/**
 * What a metric is (a row of a table: name, unit, help, labels with all their values, buckets) and the instruments made of
 * it: thin wrappers around the metrics client. Labels are positional and typed; the child of each combination is looked up
 * once (the client hashes all labels on every call, which costs more than the work that it counts).
 */
import {
  Counter as ClientCounter,
  Gauge as ClientGauge,
  Histogram as ClientHistogram,
  type Registry,
} from 'prom-client';

/**
 * A label and every value that it can have. What else is given counts as `other`, so that no input makes a series.
 * `constant`: one value for the life of the process, known when it is built or started. `atMost`: values that an operator has
 * chosen by the settings, so many at most, which whoever reports them sees to.
 */
export interface Label<Value extends string | number = string | number> {
  readonly name: string;
  readonly values:
    | readonly Value[]
    | { readonly from: number; readonly to: number }
    | { readonly atMost: number }
    | 'constant';
}

/** A label whose values are these words. */
export function label<const Value extends string>(name: string, values: readonly Value[]): Label<Value> {
  return { name, values };
}

/** A label whose values are the whole numbers from `from` to `to`. */
export function numberLabel(name: string, from: number, to: number): Label<number> {
  return { name, values: { from, to } };
}

/** See {@link Label}. */
export function constantLabel(name: string): Label<string> {
  return { name, values: 'constant' };
}

/** See {@link Label}. */
export function operatorLabel(name: string, atMost: number): Label<string> {
  return { name, values: { atMost } };
}

export type Labels = readonly Label[];
export type Values<L extends Labels> = { -readonly [K in keyof L]: L[K] extends Label<infer Value> ? Value : never };

interface Row<L extends Labels> {
  /** `incse_…`, with the unit at its end, and `_total` behind that if it is a counter. */
  readonly name: string;
  /** What one is: `seconds`, `records`, `requests`. */
  readonly unit: string;
  readonly help: string;
  readonly labels: L;
}
export interface CounterRow<L extends Labels = Labels> extends Row<L> {
  readonly kind: 'counter';
}
export interface GaugeRow<L extends Labels = Labels> extends Row<L> {
  readonly kind: 'gauge';
}
export interface HistogramRow<L extends Labels = Labels> extends Row<L> {
  readonly kind: 'histogram';
  readonly buckets: readonly number[];
}
export type MetricRow = CounterRow | GaugeRow | HistogramRow;
/** A theme of the registry. */
export type MetricTable = Readonly<Record<string, MetricRow>>;

type Description<L extends Labels> = Omit<Row<L>, 'labels'> & { labels?: L };

export function counter<const L extends Labels = []>(row: Description<L>): CounterRow<L> {
  return { kind: 'counter', ...row, labels: row.labels ?? ([] as unknown as L) };
}

export function gauge<const L extends Labels = []>(row: Description<L>): GaugeRow<L> {
  return { kind: 'gauge', ...row, labels: row.labels ?? ([] as unknown as L) };
}

export function histogram<const L extends Labels = []>(
  row: Description<L> & { buckets: readonly number[] },
): HistogramRow<L> {
  return { kind: 'histogram', ...row, labels: row.labels ?? ([] as unknown as L) };
}

export interface Counter<L extends Labels> {
  add(amount: number, ...labels: Values<L>): void;
}

export interface Gauge<L extends Labels> {
  set(value: number, ...labels: Values<L>): void;
  /** Forgets a combination, for instance a partition that moved away. */
  remove(...labels: Values<L>): void;
}

export interface Histogram<L extends Labels> {
  /** In the unit that the name says: seconds, records. */
  observe(value: number, ...labels: Values<L>): void;
}

export type Instrument<R> =
  R extends CounterRow<infer L>
    ? Counter<L>
    : R extends GaugeRow<infer L>
      ? Gauge<L>
      : R extends HistogramRow<infer L>
        ? Histogram<L>
        : never;
export type Instruments<T extends MetricTable> = { readonly [K in keyof T]: Instrument<T[K]> };

/** Value of what is not in a label's set. */
export const other = 'other';

/** Combinations of labels that one metric can have at most; all beyond are counted under `other`. */
export const mostCombinations = 2000;

/** The value as it is reported. */
export function reportedValue({ values }: Label, value: string | number): string {
  if (values === 'constant' || 'atMost' in values) return String(value);
  if ('from' in values) {
    const isInside = typeof value === 'number' && Number.isInteger(value) && value >= values.from && value <= values.to;
    return isInside ? String(value) : other;
  }
  return values.includes(value) ? String(value) : other;
}

/** Children by their label values, made on first use. */
function childrenOf<L extends Labels, Child>(
  labels: L,
  make: (values: string[]) => Child,
): (values: Values<L>) => Child {
  const children = new Map<string, Child>();
  function childFor(values: string[]): Child {
    const key = values.join(' ');
    let child = children.get(key);
    if (child === undefined) {
      child = children.size < mostCombinations ? make(values) : make(values.map(() => other));
      if (children.size < mostCombinations) children.set(key, child);
    }
    return child;
  }
  return (values) => {
    const known = children.get(values.length === 1 ? String(values[0]) : values.join(' '));
    return known ?? childFor(labels.map((each, index) => reportedValue(each, values[index] ?? '')));
  };
}

/** Makes the instruments of a table in a registry. */
export function createInstruments<T extends MetricTable>(registry: Registry, table: T): Instruments<T> {
  const instruments = Object.entries(table).map(([key, row]) => [key, createInstrument(registry, row)]);
  return Object.fromEntries(instruments) as Instruments<T>;
}

function createInstrument(registry: Registry, row: MetricRow): Counter<Labels> | Gauge<Labels> | Histogram<Labels> {
  const { name, help, labels } = row;
  const options = { name, help, labelNames: labels.map((each) => each.name), registers: [registry] };
  switch (row.kind) {
    case 'counter': {
      const metric = new ClientCounter(options);
      const child = childrenOf(labels, (values) => metric.labels(...values));
      return { add: (amount, ...values) => child(values).inc(amount) };
    }
    case 'histogram': {
      const metric = new ClientHistogram({ ...options, buckets: [...row.buckets] });
      const child = childrenOf(labels, (values) => metric.labels(...values));
      return { observe: (value, ...values) => child(values).observe(value) };
    }
    case 'gauge': {
      const metric = new ClientGauge(options);
      const reported = (values: (string | number)[]) => labels.map((each, at) => reportedValue(each, values[at] ?? ''));
      return {
        // Not cached: a removed combination must not live on in a child that nobody reports.
        set: (value, ...values) => metric.labels(...reported(values)).set(value),
        remove: (...values) => metric.remove(...reported(values)),
      };
    }
  }
}
