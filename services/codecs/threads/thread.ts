/** Entry of a codec thread: answers one task after the other. */
import { parentPort } from 'node:worker_threads';
import { answerTask } from './answer-task.ts';
import type { FromThread, ToThread } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

port.on('message', (task: ToThread) => {
  const { message, transfer } = answerTask(task);
  port.postMessage(message, transfer);
});
port.postMessage({ kind: 'ready' } satisfies FromThread);
