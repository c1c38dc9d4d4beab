/** The device links of ingress: a receiver and a publisher for each. */
import type { CseDescription } from '../core/cse.ts';
import type { DeviceLink, InboundMessage, Publisher, Receiver } from '../ports/device-link.ts';
import { filtersOf, silenceProbeOf } from './hosted-cses.ts';
import type { IngressFlowSettings } from './parts.ts';

export interface LinksOptions {
  links: readonly DeviceLink[];
  settings: IngressFlowSettings;
  received(broker: string, message: InboundMessage): void;
}

export interface Links {
  open(): Promise<void>;
  /** Adds the filters of CSEs; the first call subscribes. */
  listenFor(cses: readonly CseDescription[]): Promise<void>;
  publisherOf(broker: string): Publisher;
  ready(): boolean;
  stopTaking(): Promise<void>;
  close(): Promise<void>;
}

export function createLinks(options: LinksOptions): Links {
  const { settings } = options;
  const publishers = new Map<string, Publisher>();
  const receivers = new Map<string, Receiver>();

  async function listen(link: DeviceLink, filters: string[], silenceProbe: string): Promise<void> {
    const receiver = receivers.get(link.name);
    if (receiver !== undefined) return receiver.addFilters(filters);
    receivers.set(
      link.name,
      await link.receive({
        filters,
        group: settings.shareGroup,
        silenceProbe,
        maximumUnacknowledged: settings.maximumUnacknowledged,
        received: (message) => options.received(link.name, message),
      }),
    );
  }

  return {
    async open() {
      for (const link of options.links) publishers.set(link.name, await link.publisher());
    },
    async listenFor(cses) {
      const [first] = cses;
      if (first === undefined) return;
      const probe = silenceProbeOf(first, settings.topicPrefix);
      const filters = cses.flatMap((cse) => filtersOf(cse, settings.topicPrefix));
      await Promise.all(options.links.map((link) => listen(link, filters, probe)));
    },
    publisherOf(broker) {
      const publisher = publishers.get(broker);
      if (publisher === undefined) throw new Error(`no device link is called ${broker}`);
      return publisher;
    },
    ready() {
      const all = [...receivers.values(), ...publishers.values()];
      return receivers.size === options.links.length && all.every((part) => part.ready());
    },
    async stopTaking() {
      await Promise.all([...receivers.values()].map((receiver) => receiver.drain()));
    },
    async close() {
      const all = [...receivers.values(), ...publishers.values()];
      await Promise.all(all.map((part) => part.close()));
    },
  };
}
