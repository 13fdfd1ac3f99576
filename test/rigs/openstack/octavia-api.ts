import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { fromRig } from '../../support/rig.ts';
import { until } from '../../support/until.ts';

/** Octavia as anybody may ask it: nothing here is the balancer's own. */
export const member = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  protocol_port: z.number(),
  weight: z.number(),
  backup: z.boolean(),
  operating_status: z.string(),
});
export type PoolMember = z.infer<typeof member>;
export const listener = z.object({
  id: z.string(),
  protocol_port: z.number(),
  default_pool_id: z.string().nullish(),
});
export const pool = z.object({
  id: z.string(),
  healthmonitor_id: z.string().nullish(),
  created_at: z.string(),
});

async function login(): Promise<string> {
  const domain = { name: 'Default' };
  const identity = {
    methods: ['password'],
    password: { user: { name: 'demo', domain, password: 'secret' } },
  };
  const answer = await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: 'demo', domain } } } }),
  });
  return answer.headers.get('x-subject-token') ?? '';
}

/** Asks its interface, as the rig's project. */
export async function octavia() {
  const token = await login();
  const at = `${fromRig('BAKERY_TEST_OPENSTACK_LOAD_BALANCER')}/v2/lbaas`;
  return async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${at}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok && answer.status !== 404)
      throw new Error(`Octavia: ${answer.status} ${await answer.text()}`);
    return answer.ok ? answer.json() : {};
  };
}
export type Octavia = Awaited<ReturnType<typeof octavia>>;

/** The same, asking each question once until it is told to forget the answers. */
export function remembering(api: Octavia): Octavia & { forget(): void } {
  const known = new Map<string, Promise<unknown>>();
  const ask = (path: string): Promise<unknown> => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const answer = api(path);
    known.set(path, answer);
    answer.catch(() => known.delete(path));
    return answer;
  };
  return Object.assign(ask, { forget: () => known.clear() });
}

async function vipNetwork(): Promise<string> {
  const answer = await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_NETWORK')}/v2.0/networks?name=private`, {
    headers: { 'x-auth-token': await login() },
  });
  const schema = z.object({ networks: z.tuple([z.object({ id: z.string() })]) });
  return schema.parse(await answer.json()).networks[0].id;
}

/** Makes a load balancer, as an operator does before Bakery gets it. */
export async function makeLoadBalancer(name: string): Promise<string> {
  const api = await octavia();
  const loadbalancer = { name, vip_network_id: await vipNetwork() };
  const schema = z.object({ loadbalancer: z.object({ id: z.string(), provisioning_status: z.string() }) });
  const { id } = schema.parse(await api('/loadbalancers', { loadbalancer })).loadbalancer;
  await until(
    'the load balancer is there',
    async () => schema.parse(await api(`/loadbalancers/${id}`)).loadbalancer.provisioning_status === 'ACTIVE',
    30_000,
  );
  return id;
}

/** One client of the database in the control plane. */
export function database() {
  const url = fromRig('BAKERY_TEST_OPENSTACK_ENGINE');
  const program = ['mariadb', '--batch', '--skip-column-names', '--unbuffered', 'octavia'];
  const args = ['-H', url, 'exec', '-i', 'control-plane', ...program];
  const client = spawn('docker', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  return {
    write: (statement: string) => client.stdin.write(`${statement};\n`),
    /** The one line that a question is answered with; one question at a time. */
    ask: async (question: string): Promise<string> => {
      client.stdin.write(`${question};\n`);
      const line = await lines.next();
      if (line.done) throw new Error('The database of the control plane is gone.');
      return line.value;
    },
    close: () => client.stdin.end(),
  };
}

export type Database = ReturnType<typeof database>;

export async function removeLoadBalancer(id: string): Promise<void> {
  await fetch(`${fromRig('BAKERY_TEST_OPENSTACK_LOAD_BALANCER')}/v2/lbaas/loadbalancers/${id}?cascade=true`, {
    method: 'DELETE',
    headers: { 'x-auth-token': await login() },
  });
}
