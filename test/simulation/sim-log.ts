/** The port RequestLog as one simulated process has it. */
import type { LogConsumer, LogProducer, RequestLog } from '../../services/ports/request-log.ts';
import type { Life } from './life.ts';
import { SimConsumer } from './sim-consumer.ts';
import { SimProducer } from './sim-producer.ts';
import type { SimTopic } from './sim-topic.ts';

export function simLog(life: Life, topic: SimTopic): RequestLog {
  return {
    name: topic.name,
    partitions: topic.partitions.length,
    producer: async (): Promise<LogProducer> => new SimProducer(life, topic),
    consumer: async ({ group, fromCommitted = false }): Promise<LogConsumer> =>
      new SimConsumer(life, topic, topic.group(group), fromCommitted),
    close: async () => {},
  };
}
