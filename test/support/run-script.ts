import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { scriptPrelude } from '../../src/pipeline/script.ts';

/** Runs lines of bash behind the prelude and gives what they say. Throws, with what they complained of, when they fail. */
export async function runScript(lines: string[], environment: Record<string, string> = {}): Promise<string> {
  const script = [...scriptPrelude, ...lines].join('\n');
  const env = { PATH: process.env.PATH ?? '', ...environment };
  return (await promisify(execFile)('bash', ['-c', script], { env, timeout: 30_000 })).stdout;
}
