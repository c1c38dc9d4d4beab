/**
 * Thin wrappers around the metrics client: labels are positional and typed, and the child of each combination is looked up
 * once (the client hashes all labels on every call, which costs more than the work that it counts).
 */
import {
  Counter as ClientCounter,
  Gauge as ClientGauge,
  Histogram as ClientHistogram,
  type Registry,
} from 'prom-client';

type Labels = readonly string[];
type Values<L extends Labels> = { [K in keyof L]: string | number };

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

/** Children by their label values, made on first use. */
function childrenOf<L extends Labels, Child>(make: (values: string[]) => Child): (labels: Values<L>) => Child {
  const children = new Map<string, Child>();
  return (labels) => {
    const key = labels.length === 1 ? String(labels[0]) : labels.join(' ');
    let child = children.get(key);
    if (child === undefined) {
      child = make(labels.map(String));
      children.set(key, child);
    }
    return child;
  };
}

export function counter<const L extends Labels>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L,
): Counter<L> {
  const metric = new ClientCounter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const child = childrenOf<L, ClientCounter.Internal>((values) => metric.labels(...values));
  return {
    add(amount, ...labels) {
      child(labels).inc(amount);
    },
  };
}

export function gauge<const L extends Labels>(registry: Registry, name: string, help: string, labelNames: L): Gauge<L> {
  const metric = new ClientGauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  return {
    // Not cached: a removed combination must not live on in a child that nobody reports.
    set(value, ...labels) {
      metric.labels(...labels.map(String)).set(value);
    },
    remove(...labels) {
      metric.remove(...labels.map(String));
    },
  };
}

export function histogram<const L extends Labels>(
  registry: Registry,
  name: string,
  help: string,
  buckets: number[],
  labelNames: L,
): Histogram<L> {
  const metric = new ClientHistogram({ name, help, buckets, labelNames: [...labelNames], registers: [registry] });
  const child = childrenOf<L, ClientHistogram.Internal<string>>((values) => metric.labels(...values));
  return {
    observe(value, ...labels) {
      child(labels).observe(value);
    },
  };
}
