/** A DeviceLink that reports whether its connections are there, and counts what arrives. Nothing is added per message. */
import type { Metrics } from '../../platform/metrics.ts';
import type { DeviceLink } from '../../ports/device-link.ts';

export function meterLink(link: DeviceLink, metrics: Metrics): DeviceLink {
  const forgets: (() => void)[] = [];
  return {
    name: link.name,
    async receive(options) {
      let received = 0;
      const receiver = await link.receive({
        ...options,
        received(message) {
          received++;
          options.received(message);
        },
      });
      const look = () => {
        metrics.brokerConnected.set(receiver.ready() ? 1 : 0, 'receiving');
        metrics.ingressReceived.add(received);
        received = 0;
      };
      forgets.push(metrics.beforeScrape(look));
      return receiver;
    },
    async publisher() {
      const publisher = await link.publisher();
      forgets.push(metrics.beforeScrape(() => metrics.brokerConnected.set(publisher.ready() ? 1 : 0, 'publishing')));
      return publisher;
    },
    close() {
      for (const forget of forgets) forget();
      return link.close();
    },
  };
}
