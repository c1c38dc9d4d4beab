/** Lines that are appended to a file, as they come. */
import { closeSync, openSync, readSync } from 'node:fs';

const pollInterval = 50;
const chunk = 1 << 16;

/** Calls back for every whole line from the beginning on. The returned function reads what is left and ends it. */
export function followFile(path: string, line: (text: string) => void): () => void {
  const buffer = Buffer.alloc(chunk);
  const decoder = new TextDecoder();
  let file: number | undefined;
  let begun = '';

  function read(): void {
    try {
      file ??= openSync(path, 'r');
    } catch {
      return; // Not there yet.
    }
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const lines = (begun + decoder.decode(buffer.subarray(0, length), { stream: true })).split('\n');
      begun = lines.pop() ?? '';
      for (const text of lines) line(text);
    }
  }

  const timer = setInterval(read, pollInterval).unref();
  return () => {
    clearInterval(timer);
    read();
    if (file !== undefined) closeSync(file);
  };
}
