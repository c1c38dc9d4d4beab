/** The broker's echo: every request comes back as its own answer. What is left is broker and load client. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import mqtt from 'mqtt';

/** The receiver level that the echo answers for. */
export const echoCse = 'echo';

export async function startEcho(url: string): Promise<{ pid: number; stop(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(import.meta.url), url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

if (import.meta.main) {
  const client = await mqtt.connectAsync(process.argv[2] ?? '', {
    clientId: 'C::echo',
    clean: true,
    protocolVersion: 4,
  });
  (client.stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true);
  client.on('message', (topic, payload) => {
    client.publish(topic.replace('/req/', '/resp/'), payload, { qos: 1 });
  });
  await client.subscribeAsync(`/oneM2M/req/+/${echoCse}/#`, { qos: 1 });
  console.log('ready');
}
