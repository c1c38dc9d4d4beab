/** The requests and outbound logs of a cluster, back to a moment. */
import type { KafkaConnection } from '../../adapters/kafka/connection.ts';
import { committedOffsets, offsetsAt } from '../../adapters/kafka/offsets-at.ts';
import { kafkaRequestLog } from '../../adapters/kafka/request-log.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { LogRecord } from '../../ports/request-log.ts';
import { readLog } from '../read-log.ts';
import { type Evidence, type FoundAnswer, type FoundRequest, readAnswer, readRequest } from './evidence.ts';
import { bytesInAnswers, bytesInRequests, type Question, type Wanted } from './question.ts';

const clientId = 'in-cse-why';

/** Most records to hold of each log; the newest stay. */
const mostFound = 10_000;

export async function readLogs(
  connection: KafkaConnection,
  deployment: Deployment,
  responderGroup: string,
  wanted: Wanted,
  { since }: Question,
): Promise<Pick<Evidence, 'requests' | 'answers' | 'published'>> {
  const requests: FoundRequest[] = [];
  const answers: FoundAnswer[] = [];
  const { requestsTopic, requestPartitions, outboundTopic, outboundPartitions } = deployment;

  async function scan(
    topic: string,
    partitions: number,
    bytes: readonly Buffer[],
    take: (record: LogRecord, partition: number) => void,
  ): Promise<void> {
    const from = await offsetsAt({ connection, topic, clientId }, since);
    const log = kafkaRequestLog({ connection, topic, partitions, clientId });
    try {
      await readLog(log, {
        purpose: 'why',
        from,
        take(record, partition) {
          if (bytes.some((each) => record.value.includes(each))) take(record, partition);
        },
      });
    } finally {
      await log.close();
    }
  }

  await Promise.all([
    scan(requestsTopic, requestPartitions, bytesInRequests(wanted), ({ offset, value, appendedAt }, partition) =>
      keep(requests, readRequest(wanted, value, { in: 'requests', partition, offset }, appendedAt)),
    ),
    scan(outboundTopic, outboundPartitions, bytesInAnswers(wanted), ({ offset, value, appendedAt }, partition) =>
      keep(answers, readAnswer(wanted, value, { in: 'outbound', partition, offset }, appendedAt)),
    ),
  ]);
  const published = await committedOffsets({ connection, topic: outboundTopic, clientId }, responderGroup);
  return { requests, answers, published };
}

function keep<Found extends { appendedAt: number | undefined }>(all: Found[], found: Found | undefined): void {
  if (found === undefined) return;
  all.push(found);
  if (all.length < mostFound * 2) return;
  all.sort((a, b) => (b.appendedAt ?? 0) - (a.appendedAt ?? 0));
  all.length = mostFound;
}
