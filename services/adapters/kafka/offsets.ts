/** What the cluster knows about offsets: the log's bounds and a group's commits. */
import type { Admin, Kafka } from 'kafkajs';
import { persist } from './back-off.ts';
import { rootCause } from './client.ts';
import type { KafkaHooks } from './hooks.ts';

export interface Bounds {
  start: number;
  end: number;
}

/** Questions asked while one is under way share the next one, so that an answer is never older than its question (R21). */
export class LogOffsets {
  readonly #admin: Admin;
  readonly #topic: string;
  readonly #hooks: KafkaHooks;
  readonly #abort = new AbortController();
  #connected = false;
  #running: Promise<unknown> | undefined;
  #next: Promise<Map<number, Bounds>> | undefined;

  constructor(client: Kafka, topic: string, hooks: KafkaHooks) {
    this.#admin = client.admin({ retry: { retries: 2 } });
    this.#topic = topic;
    this.#hooks = hooks;
  }

  /** Asks until the cluster answers; rejects only when closed or for a partition that is not there. */
  async bounds(partition: number): Promise<Bounds> {
    const bounds = (await this.#allBounds()).get(partition);
    if (bounds === undefined) throw new Error(`no partition ${partition} in ${this.#topic}`);
    return bounds;
  }

  /** Where a group goes on: what it committed, else the log's start. */
  async committed(group: string): Promise<Map<number, number>> {
    const starts = await this.#allBounds();
    const [topic] = await this.#persist(() => this.#admin.fetchOffsets({ groupId: group, topics: [this.#topic] }));
    const result = new Map<number, number>();
    for (const [partition, { start }] of starts) result.set(partition, start);
    for (const { partition, offset } of topic?.partitions ?? []) {
      // A commit below the log's start names what retention has removed; negative numbers stand for none.
      const start = result.get(partition);
      if (start !== undefined && Number(offset) > start) result.set(partition, Number(offset));
    }
    return result;
  }

  /** Resolves when a node of the cluster answers; rejects only when closed. */
  async answers(): Promise<void> {
    await this.#persist(() => this.#admin.describeCluster());
  }

  async close(): Promise<void> {
    this.#abort.abort();
    if (this.#connected) await this.#admin.disconnect();
  }

  #allBounds(): Promise<Map<number, Bounds>> {
    this.#next ??= this.#ask();
    return this.#next;
  }

  async #ask(): Promise<Map<number, Bounds>> {
    await this.#running?.catch(() => undefined);
    this.#next = undefined;
    const question = this.#persist(() => this.#admin.fetchTopicOffsets(this.#topic));
    this.#running = question;
    const answer = await question;
    return new Map(answer.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]));
  }

  /** KafkaJS gives up on a moved leader and keeps its old metadata: a new connection forgets them. */
  #persist<Result>(question: () => Promise<Result>): Promise<Result> {
    return persist(
      async () => {
        if (!this.#connected) {
          await this.#admin.disconnect();
          await this.#admin.connect();
        }
        this.#connected = true;
        return question();
      },
      this.#abort.signal,
      (error, attempts, retryIn) => {
        this.#connected = false;
        this.#hooks.log?.('warn', 'Kafka did not answer a question about offsets', {
          topic: this.#topic,
          attempts,
          retryIn,
          error: rootCause(error).message,
        });
      },
    );
  }
}
