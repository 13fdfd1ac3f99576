import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call, Provider, Reply } from '../../src/pipeline/provider.ts';
import { dockerProvider } from '../../src/providers/docker/index.ts';
import { directoryStore } from '../../src/store/directory.ts';

/** The rig's engine, as bench/run.mjs started it. */
export const engineUrl = process.env.BAKERY_TEST_DOCKER_URL ?? '';
export const base = process.env.BAKERY_TEST_DOCKER_BASE ?? '';

/** The docker client, as a person would use it. */
export const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', engineUrl, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

export const call = (): Call => ({
  signal: new AbortController().signal,
  ensureTime: () => undefined,
  log: () => undefined,
});

/** A provider on that engine, and its store; `end` takes away what both left. */
export function providerFor(owner: string): { provider: Provider; end: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bakery-bench-docker-'));
  const store = directoryStore(folder);
  const provider = dockerProvider('docker', {
    engines: { one: { url: engineUrl, address: '127.0.0.1' } },
    network: 'bakery-bench',
    ports: { from: 20_000, to: 29_999 },
    limits: { memory: 256 * 1024 ** 2, cpus: 1, pids: 128 },
    keep: async (text) => (await store.put(text)).digest,
    now: Date.now,
  });
  const end = (): void => {
    rmSync(folder, { recursive: true, force: true });
    const ours = ['--quiet', '--filter', `label=bakery.owner=${owner}`];
    for (const id of lines(docker('ps', '--all', ...ours))) docker('rm', '--force', id);
    for (const id of lines(docker('volume', 'ls', ...ours))) docker('volume', 'rm', id);
    for (const id of new Set(lines(docker('image', 'ls', ...ours)))) docker('image', 'rm', '--force', id);
  };
  return { provider, end };
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean);

/** What a call gives in the end. */
export async function settled<Value>(ask: () => Promise<Reply<Value>>): Promise<Value> {
  for (;;) {
    const reply = await ask();
    if (reply.ready) return reply.value;
    await new Promise((resolve) => setTimeout(resolve, reply.again));
  }
}

export const timed = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
