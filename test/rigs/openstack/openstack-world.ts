import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import type { OpenStackSettings } from '../../../src/providers/openstack/settings.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import type { ProviderRig } from '../../contract/provider.ts';
import { services, start } from '../../support/bakery-services.ts';
import { fromRig } from '../../support/rig.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakery-openstack-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
export const store = directoryStore(join(folder, 'store'));

let files = 0;
/** A clouds.yaml with the rig's cloud, as `demo`. */
export function cloudsFile(identity = fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')): string {
  const auth = {
    auth_url: `${identity}/v3`,
    username: 'demo',
    password: 'secret',
    project_name: 'demo',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  };
  const file = join(folder, `clouds-${++files}.yaml`);
  writeFileSync(file, JSON.stringify({ clouds: { rig: { auth, region_name: 'RegionOne' } } }));
  return file;
}

/** This machine's address as the cloud's servers know it: the gateway of their network. */
export const hostOfServers = (): string => {
  const [first, second] = new URL(fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')).hostname.split('.');
  return `${first}.${second}.0.1`;
};

/** The image of the cloud that really runs. */
export const base = 'debian-12';

/** The rig's cloud as a provider is told of it. */
export const settings = (over: Partial<OpenStackSettings> = {}): OpenStackSettings => ({
  cloud: 'rig',
  cloudsFile: cloudsFile(),
  flavor: 'm1.tiny',
  network: 'private',
  address: 'fixed',
  configDrive: true,
  container: 'bakery',
  port: 8080,
  boot: 60_000,
  baking: 120_000,
  keep: async (text) => (await store.put(text)).digest,
  now: Date.now,
  ...over,
});

export const providerRig = async (over: Partial<OpenStackSettings> = {}): Promise<ProviderRig> => {
  const told = settings(over);
  const provider = () => openStackProvider('openstack', told);
  return {
    provider: provider(),
    another: provider,
    package: (content) => tarOf(tempFolder(), { ...services, 'content.txt': content }),
    start,
    base,
    wait: async (ms) => {
      await pause(ms);
    },
  };
};
