import { expect, it } from 'vitest';
import { checkOctavia } from '../../../src/balancers/octavia/check.ts';
import { checkOpenStack } from '../../../src/providers/openstack/check.ts';
import { cloudOf, openrc } from './account.ts';
import { makeLoadBalancer, removeLoadBalancer } from './octavia-api.ts';
import { base, settings } from './openstack-world.ts';

const session = (password?: string) => cloudOf(openrc('demo', password)).session;

async function said(check: (print: (line: string) => void) => Promise<0 | 1>) {
  const lines: string[] = [];
  const code = await check((line) => lines.push(line));
  return { code, text: lines.join('\n') };
}

it('finds nothing missing in a project that has all', async () => {
  const told = settings({ securityGroups: ['default'], floatingNetwork: 'public', zones: ['nova'] });
  const { code, text } = await said((print) => checkOpenStack('cloud', told, session(), base, print));
  expect(text).toContain('cloud: nothing is missing.');
  expect(text).toMatch(/login and roles: .*member/);
  expect(text).toContain('compute 2.90');
  expect(text).toContain('m1.tiny (1 CPU, 512 MB, 1 GB)');
  expect(text).toMatch(/quota: room for \d+ more servers of m1.tiny/);
  expect(code).toBe(0);
});

it('names all that a project lacks, each in a line', async () => {
  const lacking = { flavor: 'm1.none', network: 'nowhere', securityGroups: ['none'], zones: ['moon'] };
  const told = settings({ ...lacking, serverGroup: 'none', keyPair: 'none', ports: ['none'] });
  const { code, text } = await said((print) => checkOpenStack('cloud', told, session(), 'none', print));
  for (const what of ['flavors', 'network', 'security groups', 'zones', 'server group', 'key pair', 'ports'])
    expect(text).toContain(`cloud, ${what}: MISSING. `);
  expect(text).toContain('cloud, base image: MISSING. The project has no active image none.');
  expect(text).toContain('cloud: 9 missing.');
  expect(code).toBe(1);
});

it('asks no further with a wrong password', async () => {
  const { code, text } = await said((print) =>
    checkOpenStack('cloud', settings(), session('wrong'), base, print),
  );
  expect(text).toMatch(/^cloud, login and roles: MISSING.*req-.*\ncloud: 1 missing\.$/);
  expect(code).toBe(1);
});

it('finds the load balancer of a balancer, or says that it is not there', async () => {
  const id = await makeLoadBalancer('checked');
  const found = await said((print) => checkOctavia('edge', 'checked', session(), ['hello.staging'], print));
  await removeLoadBalancer(id);
  expect(found.text).toContain(`edge, load balancer: ${id} at `);
  expect(found.code).toBe(0);
  const missing = await said((print) => checkOctavia('edge', 'nowhere', session(), [], print));
  expect(missing.text).toContain('The project has no load balancer nowhere.');
  expect(missing.code).toBe(1);
});
