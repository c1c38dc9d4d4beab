/** Short-lived connections: for the probe, and to end sessions. */
import { type Connection, Line, type LineSettings } from './line.ts';

export interface OneConnection extends Connection {
  /** Rejects when the connection breaks. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

/** One attempt to connect. */
export function connectOnce(settings: LineSettings): Promise<OneConnection> {
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const line = new Line(settings, {
      connected: (connection) => resolve({ ...connection, broken: broken.promise, close: () => line.close() }),
      lost: (_, reason) => {
        broken.reject(reason);
        line.close().catch(() => undefined);
      },
      failed: (error) => {
        reject(error);
        return false;
      },
    });
  });
}
