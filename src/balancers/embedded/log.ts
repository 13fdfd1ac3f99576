import { appendFileSync, renameSync, statSync } from 'node:fs';

export type Log = (message: string, fields?: Record<string, unknown>) => void;

/**
 * JSON lines in one file; at `limit` bytes it becomes `….1` and a new one begins, so that there are never more
 * than two of that size. A full disk costs log lines, never traffic.
 */
export function fileLog(file: string, limit = 1_000_000): Log {
  let size = sizeOf(file);
  return (message, fields = {}) => {
    const line = `${JSON.stringify({ time: new Date().toISOString(), pid: process.pid, message, ...fields })}\n`;
    try {
      if (size + line.length > limit) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
    } catch {
      size = sizeOf(file);
    }
  };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
