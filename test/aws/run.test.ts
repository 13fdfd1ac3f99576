import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('./run.mjs', import.meta.url));
const account = {
  ...{ AWS_REGION: 'eu-central-1', BAKERY_AWS_BASE: 'ami-0123456789abcdef0', BAKERY_AWS_BUCKET: 'b' },
  ...{ BAKERY_AWS_SUBNETS: 'subnet-1', BAKERY_AWS_SECURITY_GROUP: 'sg-1', BAKERY_AWS_PROFILE: 'p' },
  ...{ BAKERY_AWS_LOAD_BALANCER: 'bakery', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
};
const run = (more: Record<string, string>, ...argv: string[]) =>
  spawnSync(process.execPath, [program, ...argv], { env: { ...account, ...more }, encoding: 'utf8' });

it('a test of a real account begins nothing that can cost more than its limit', () => {
  const { status, stderr } = run({ BAKERY_AWS_PRICE_LIMIT: '0.50' });
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/can cost \d+\.\d+ dollars.*0\.50\. Nothing was begun/),
  ]);
  expect(run({ BAKERY_AWS_PRICE_LIMIT: 'much' }).status).toBe(2);
});

it('a test of a real account names what it was not told, and suites that are none', () => {
  expect(run({}).stderr).toContain('Set BAKERY_AWS_PRICE_LIMIT');
  expect(run({ BAKERY_AWS_PRICE_LIMIT: '9' }, 'none').stderr).toContain('There is no suite none.');
});

it('a test of a real account begins nothing without credentials that AWS knows, and says which to give', () => {
  const said = /does not know who asks \((\w+): .*a role, a profile or keys.*Nothing was begun\./;
  const none = run({ BAKERY_AWS_PRICE_LIMIT: '9', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nowhere' });
  expect([none.status, said.exec(none.stderr)?.[1], none.stdout]).toEqual([
    2,
    'CredentialsProviderError',
    '',
  ]);
  const keys = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };
  const refused = run({ BAKERY_AWS_PRICE_LIMIT: '9', ...keys });
  expect([refused.status, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toMatch(said);
});
