import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fromRig } from '../../support/rig.ts';
import { everything } from './everything.ts';

const cli = join(fileURLToPath(new URL('../../../', import.meta.url)), 'dist/cli.js');
const rc = () => ({
  OS_AUTH_URL: `${fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')}/v3`,
  OS_USERNAME: 'demo',
  OS_PASSWORD: 'secret',
  OS_PROJECT_NAME: 'demo',
  OS_DEFAULT_DOMAIN: 'default',
  OS_REGION_NAME: 'RegionOne',
});

it('tells the whole story on servers of a real control plane', { timeout: 1_500_000 }, async () => {
  const before = await everything();
  const given = ['--base-image', 'debian-12', '--flavor', 'm1.tiny', '--network', 'private'];
  const args = [cli, 'demo', '--auto', '--provider', 'openstack', ...given];
  const env = { ...process.env, ...rc() };
  const { stdout: said } = await promisify(execFile)(process.execPath, args, { env, maxBuffer: 2 ** 24 });
  expect(said).toContain('Every step was as it must be.');
  expect(said).toMatch(/v1 ran in dev, staging and production from the same image, sha256:[0-9a-f]{64}/);
  expect(said).toMatch(/requests sent: [1-9]\d{3,}, failed: 0/);
  expect(await everything()).toEqual(before);
});
