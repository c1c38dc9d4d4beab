/** The logs of an embedded CSE: two in memory, and one file for what could not be processed. */
import { MemoryRequestLog } from '../adapters/memory/request-log.ts';
import type { Deployment } from '../core/deployment.ts';
import type { LogConsumer, LogProducer, RequestLog } from '../ports/request-log.ts';

export interface EmbeddedLogsOptions {
  deployment: Deployment;
  /** Largest record, bytes. */
  recordBytes: number;
  /** Requests of devices that may wait; what the CSE sends itself is not bounded (R33). */
  bound: number;
}

/** The same two logs as each flow sees them. */
export interface EmbeddedLogs {
  /** An append is acknowledged by the worker's commit, so that a device's PUBACK means the same as in a cluster (R33). */
  ofDevices: RequestLog;
  /** The responder's reports: repeated if lost, since what they report on is then not done either. */
  ofReports: RequestLog;
  requests: { consumer: LogConsumer; producer: LogProducer };
  /** "Emitted" means published and acknowledged (R33). */
  outbound: { log: RequestLog; producer: LogProducer };
  close(): Promise<void>;
}

export async function createEmbeddedLogs(options: EmbeddedLogsOptions): Promise<EmbeddedLogs> {
  const { deployment, recordBytes, bound } = options;
  const requests = new MemoryRequestLog({
    name: deployment.requestsTopic,
    partitions: deployment.requestPartitions,
    bound,
    recordBytes,
  });
  const outbound = new MemoryRequestLog({
    name: deployment.outboundTopic,
    partitions: deployment.outboundPartitions,
    recordBytes: Number.MAX_SAFE_INTEGER,
  });
  const seenBy = (log: MemoryRequestLog, producer: () => Promise<LogProducer>): RequestLog => ({
    name: log.name,
    partitions: log.partitions,
    producer,
    consumer: (consumerOptions) => log.consumer(consumerOptions),
    close: async () => {},
  });
  return {
    ofDevices: seenBy(requests, () => requests.producer({ acknowledge: 'done', bounded: true })),
    ofReports: seenBy(requests, () => requests.producer()),
    requests: {
      consumer: await requests.consumer({ group: 'embedded' }),
      // Emitted is what has been applied: a record of ours that dies with the process is sent again from the journal.
      producer: leftOpen(await requests.producer({ acknowledge: 'done' })),
    },
    outbound: {
      log: seenBy(outbound, () => outbound.producer()),
      producer: await outbound.producer({ acknowledge: 'done' }),
    },
    async close() {
      await requests.close();
      await outbound.close();
    },
  };
}

/** When the worker ends, nobody is left to apply what it sent itself: waiting for that would be for ever. */
function leftOpen(producer: LogProducer): LogProducer {
  return {
    append: (records) => producer.append(records),
    pending: () => producer.pending(),
    close: async () => {},
  };
}
