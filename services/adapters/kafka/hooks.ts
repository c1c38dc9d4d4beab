/** What the caller may want to see; nothing here is needed for the adapter to work. */
export interface KafkaHooks {
  /** A line for the log. Details are plain values, never payloads. */
  log?(level: 'debug' | 'info' | 'warn' | 'error', message: string, details: Record<string, unknown>): void;
  /** A request of a producer was acknowledged by all in-sync replicas. `milliseconds` counts its retries. */
  sent?(flight: { topic: string; records: number; bytes: number; milliseconds: number; attempts: number }): void;
  /** A request failed and will be sent again in `retryIn` ms. */
  sendFailed?(failure: { topic: string; records: number; attempt: number; retryIn: number; error: Error }): void;
  /** Requests wait inside the client because the broker asked it to slow down (KIP-219). */
  throttled?(state: { broker: string; waiting: number }): void;
}
