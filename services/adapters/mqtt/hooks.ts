/** What the caller may want to see; nothing here is needed for the adapter to work, but `fatal` should end the process. */
export interface MqttHooks {
  /** A line for the log. Details are plain values, never payloads or credentials. */
  log?(level: 'debug' | 'info' | 'warn' | 'error', message: string, details: Record<string, unknown>): void;
  /** A connection broke that nobody closed; it is made anew. */
  connectionLost?(direction: 'receiving' | 'publishing'): void;
  /** The link cannot go on and must not try: another process uses its client id (R30). */
  fatal?(reason: Error): void;
}
