/** Which broker a record means: an own one by name or by its address, or a foreign one whose host is allowed (R27). */
import { type Publisher, PublishFailed } from '../ports/device-link.ts';

export interface OwnBroker {
  name: string;
  /** As configured; credentials and path do not count. */
  url: string;
  open(): Promise<Publisher>;
}

export interface BrokersOptions {
  own: readonly OwnBroker[];
  /** Hosts that a URL may name; `*` stands for any characters. */
  allowedHosts: readonly string[];
  matches(pattern: string, host: string): boolean;
  openForeign(url: string): Publisher;
}

/** The port function of the responder. Rejects with PublishFailed for what may not be published to. */
export function createPublisherFor(options: BrokersOptions): (broker: string) => Promise<Publisher> {
  return async (broker) => {
    const byName = options.own.find(({ name }) => name === broker);
    if (byName !== undefined) return byName.open();
    const url = URL.parse(broker);
    if (url === null) throw new PublishFailed('no broker has this name');
    const byAddress = options.own.find((own) => authorityOf(own.url) === authorityOf(broker));
    if (byAddress !== undefined) return byAddress.open();
    if (url.protocol !== 'mqtt:' && url.protocol !== 'mqtts:') throw new PublishFailed('not the URL of an MQTT broker');
    if (!options.allowedHosts.some((pattern) => options.matches(pattern, url.hostname))) {
      throw new PublishFailed('its host is not allowed for notifications');
    }
    return options.openForeign(broker);
  };
}

const defaultPorts: Record<string, string> = { 'mqtt:': '1883', 'mqtts:': '8883' };

function authorityOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  return `${url.protocol}//${url.hostname.toLowerCase()}:${url.port || defaultPorts[url.protocol]}`;
}
