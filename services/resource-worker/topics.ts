/** What the logs of a deployment must be like, whichever kind they are (R4). */
import type { Deployment } from '../core/deployment.ts';

export interface TopicSettings {
  /** Largest record, bytes. */
  recordBytes: number;
  /** ms that an outage may last. */
  longestOutage: number;
}

export interface NeededTopic {
  name: string;
  partitions: number;
  /** ms that a new topic keeps its records; -1 for ever. */
  retention: number;
  requiredRetention: number;
  /** Largest record batch, bytes. */
  maximumBytes: number;
}

/** Days that new topics keep their records, at least: an operator may want to look at what came. */
const keptDays = 7;
const day = 86_400_000;

/** Kafka's own limit of a record batch; the producers fill batches up to it. */
const leastBatchBytes = 1_048_576;

export function topicsOf(deployment: Deployment, settings: TopicSettings): NeededTopic[] {
  const common = {
    retention: Math.max(keptDays * day, settings.longestOutage),
    requiredRetention: settings.longestOutage,
    maximumBytes: Math.max(leastBatchBytes, settings.recordBytes + 1024),
  };
  return [
    { ...common, name: deployment.requestsTopic, partitions: deployment.requestPartitions },
    { ...common, name: deployment.outboundTopic, partitions: deployment.outboundPartitions },
    // Somebody must look at these; they do not go by themselves.
    { ...common, name: deployment.deadLettersTopic, partitions: 1, retention: -1 },
  ];
}
