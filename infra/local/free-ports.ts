/** TCP ports of 127.0.0.1 that nobody listens on. */
import { createServer } from 'node:net';

/**
 * Below the range from which the system takes the ports of outgoing connections: a server that was killed must find its
 * port free when it is started again.
 */
const lowest = 20_000;
const highest = 32_000;

/** `count` different ports, free at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries > 1000) throw new Error(`no free port between ${lowest} and ${highest}`);
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
