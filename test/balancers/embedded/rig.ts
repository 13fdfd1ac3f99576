import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { embeddedBalancer } from '../../../src/balancers/embedded/index.ts';
import type { BalancerRig } from '../../contract/balancer.ts';
import { freePort } from '../../support/free-port.ts';
import { runScript } from '../../support/run-script.ts';
import { until } from '../../support/until.ts';
import { type WebMember, webMember } from '../../support/web-member.ts';

/** An embedded balancer in a folder of its own, with real servers behind it and a keep-alive client before it. */
export async function embeddedRig() {
  const dataDir = mkdtempSync(join(tmpdir(), 'bakery-balancer-'));
  const balancer = embeddedBalancer({ dataDir, checkEvery: 50 });
  const client = new Agent({ connections: 4 });
  const members: WebMember[] = [];
  let named = 0;

  const member = async (port?: number): Promise<WebMember> => {
    const one = await webMember(`member-${++named}`, port);
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
    dataDir,
    balancer,
    member,
    get,
    frontend: async () => ({ slot: `slot${++named}.production`, port: await freePort() }),
    async instance() {
      const one = await member();
      const become = (health: 'healthy' | 'unhealthy'): void => {
        one.healthy = health === 'healthy';
      };
      return { instance: one.instance, become };
    },
    async send({ port }) {
      const { status, text } = await get(port, '/');
      return status === 200 ? text : undefined;
    },
    async begin({ port }) {
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
      await balancer.stop();
      for (const one of members) await one.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  } satisfies BalancerRig & Record<string, unknown>;
}

export type EmbeddedRig = Awaited<ReturnType<typeof embeddedRig>>;
