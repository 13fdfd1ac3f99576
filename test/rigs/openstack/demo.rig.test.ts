import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { openrc } from './account.ts';
import { Amphora } from './amphora.ts';
import { everything } from './everything.ts';
import { database, makeLoadBalancer, octavia, removeLoadBalancer } from './octavia-api.ts';

const cli = join(fileURLToPath(new URL('../../../', import.meta.url)), 'dist/cli.js');
let balancer: string;
let amphora: Amphora;
const sql = database();

beforeAll(async () => {
  balancer = await makeLoadBalancer('demo');
  amphora = new Amphora(await octavia(), sql, balancer);
});
afterAll(async () => {
  await amphora.close();
  sql.close();
  await removeLoadBalancer(balancer);
});

/** What Octavia's interface shows below the load balancer. */
async function below(): Promise<unknown> {
  const api = await octavia();
  const some = z.array(z.object({ name: z.string() }));
  const of = (path: string) => api(`/${path}?loadbalancer_id=${balancer}`);
  return {
    ...z.object({ listeners: some }).parse(await of('listeners')),
    ...z.object({ pools: some }).parse(await of('pools')),
  };
}

/** What a program wrote until it ended; shown as it comes, since it takes its time. */
async function toldBy(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const part of child.stdout) {
    text += part;
    process.stdout.write(part);
  }
  return text;
}

it('tells the whole story on servers of a real control plane', { timeout: 1_800_000 }, async () => {
  const before = await everything();
  const given = ['--base-image', 'debian-12', '--flavor', 'm1.tiny', '--network', 'private'];
  const front = ['--load-balancer', 'demo', '--front-door', '127.0.0.1'];
  const args = [cli, 'demo', '--auto', '--provider', 'openstack', ...given, ...front];
  const said = await toldBy(args, { ...process.env, ...openrc() });
  expect(said).toContain('Every step was as it must be.');
  expect(said).toMatch(/v1 ran in dev, staging and production from the same image, sha256:[0-9a-f]{64}/);
  expect(said).toMatch(/requests sent: [1-9]\d{3,}, failed: 0/);
  expect(await everything()).toEqual(before);
  expect(await below()).toEqual({ listeners: [], pools: [] });
});
