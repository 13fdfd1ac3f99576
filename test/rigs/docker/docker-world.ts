import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { Mark } from '../../../src/pipeline/domain/marked.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { DockerSettings } from '../../../src/providers/docker/settings.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import type { ProviderRig } from '../../contract/provider.ts';
import { services, start } from '../../support/bakery-services.ts';
import { fromRig } from '../../support/rig.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export const engineUrl = (): string => fromRig('BAKERY_TEST_DOCKER_URL');
export const address = (): string => fromRig('BAKERY_TEST_DOCKER_ADDRESS');
export const base = (): string => fromRig('BAKERY_TEST_DOCKER_BASE');

/** Asks the rig's engine by its own client. */
export const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', engineUrl(), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const folder = mkdtempSync(join(tmpdir(), 'bakery-docker-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
export const store = directoryStore(folder);

/** The rig's engine as a provider is told of it. */
export const settings = (over: Partial<DockerSettings> = {}): DockerSettings => ({
  engines: { rig: { url: engineUrl(), address: address() } },
  network: 'bakery-rig',
  ports: { from: 21_000, to: 29_000 },
  limits: { memory: 256 * 1024 ** 2, cpus: 1, pids: 128 },
  keep: async (text) => (await store.put(text)).digest,
  now: Date.now,
  ...over,
});

/** The same, with the rig's registry. */
export const withRegistry = (): Partial<DockerSettings> => ({
  registry: { repository: `${fromRig('BAKERY_TEST_DOCKER_REGISTRY')}/bakery`, insecure: true },
});

export const providerRig = async (over: Partial<DockerSettings> = {}): Promise<ProviderRig> => {
  const provider = () => dockerProvider('docker', settings(over));
  return {
    provider: provider(),
    another: provider,
    package: (content) => tarOf(tempFolder(), { ...services, 'content.txt': content }),
    start,
    base: base(),
    wait: async (ms) => {
      await pause(ms);
    },
  };
};

/** A mark of an effect and an owner that no other test has. */
export const markFor = (what: string, over: Partial<Mark> = {}): Mark => ({
  owner: `owner-${randomBytes(4).toString('hex')}`,
  service: 'hello',
  version: 1,
  environment: 'staging',
  effect: `${what}-${randomBytes(4).toString('hex')}`,
  generation: 1,
  epoch: 0,
  ...over,
});
