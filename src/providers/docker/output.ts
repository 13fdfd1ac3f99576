import type { Container } from 'dockerode';
import { unlessGone } from './faults.ts';

const longestLine = 4_000;

/** What a container wrote, without the engine's frames: each has a stream's number and a length before its bytes. */
export function unframed(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The last lines of its output, oldest first; none when it is gone. */
export async function lastLines(container: Container, count: number): Promise<string[]> {
  const bytes = await unlessGone(container.logs({ stdout: true, stderr: true, tail: count, follow: false }));
  if (bytes === undefined) return [];
  const lines = unframed(bytes).split('\n');
  return lines
    .filter((line, index) => line !== '' || index < lines.length - 1)
    .slice(-count)
    .map((line) => line.slice(0, longestLine));
}
