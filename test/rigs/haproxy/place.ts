import { Agent, request } from 'undici';
import { haproxyBalancer } from '../../../src/balancers/haproxy/index.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import type { BalancerRig } from '../../contract/balancer.ts';
import { fromRig } from '../../support/rig.ts';
import { runScript } from '../../support/run-script.ts';
import { until } from '../../support/until.ts';
import { type WebMember, webMember } from '../../support/web-member.ts';

/** Where the rig's HAProxy is, and the slots that its configuration declares. */
export interface Place {
  socket: string;
  master: string;
  stateDir: string;
  config: string;
  slots: { slot: string; port: number; places: number }[];
}

export const place = (): Place => JSON.parse(fromRig('BAKERY_TEST_HAPROXY'));

/** Each test file takes slots of its own: `from` is the first of them. */
export async function haproxyRig(from: number) {
  const at = place();
  const balancer = haproxyBalancer(at);
  const client = new Agent({ connections: 4 });
  const members: WebMember[] = [];
  let used = from;
  let named = 0;
  const member = async (): Promise<WebMember> => {
    const one = await webMember(`instance-${from}-${++named}`);
    members.push(one);
    return one;
  };
  const get = async (port: number, path: string) => {
    const { statusCode, body, headers } = await request(`http://127.0.0.1:${port}${path}`, {
      dispatcher: client,
    });
    return { status: statusCode, text: await body.text(), headers };
  };
  return {
    at,
    balancer,
    members,
    member,
    get,
    async frontend(): Promise<Frontend> {
      const next = at.slots[used++];
      if (next === undefined) throw new Error('the rig declares more slots than that');
      return { slot: next.slot, port: next.port };
    },
    async instance() {
      const one = await member();
      const become = (health: 'healthy' | 'unhealthy'): void => {
        one.healthy = health === 'healthy';
      };
      return { instance: one.instance, become };
    },
    async send({ port }: Frontend) {
      const { status, text } = await get(port, '/');
      return status === 200 ? text : undefined;
    },
    async begin({ port }: Frontend) {
      const answer = get(port, '/hold');
      const holder = await until('a member holds the request', () => members.find((one) => one.held() > 0));
      return {
        instance: holder.instance.id,
        async finish() {
          holder.release();
          await answer;
        },
      };
    },
    runScript,
    async close() {
      await client.destroy();
      for (const one of members) await one.close();
    },
  } satisfies BalancerRig & Record<string, unknown>;
}

export type HaproxyRig = Awaited<ReturnType<typeof haproxyRig>>;
