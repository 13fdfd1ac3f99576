import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { elbBalancer } from '../../../src/balancers/elb/index.ts';
import type { ElbSettings } from '../../../src/balancers/elb/settings.ts';
import type { Frontend } from '../../../src/pipeline/domain/task.ts';
import type { BalancerRig } from '../../contract/balancer.ts';
import { freePort } from '../../support/free-port.ts';
import { runScript } from '../../support/run-script.ts';
import { until } from '../../support/until.ts';
import { type WebMember, webMember } from '../../support/web-member.ts';
import { account, credentials } from './account.ts';

/** The rig's load balancer; its checks are quick, whatever these settings say of seconds. */
export const elbSettings = (over: Partial<ElbSettings> = {}): ElbSettings => ({
  ...{ region: account().region, loadBalancer: account().loadBalancer, host: '127.0.0.1' },
  ...{ targets: 'ip', check: { every: 5, timeout: 2, up: 2, down: 2 }, drain: 5, patience: 10_000 },
  ...over,
});

let slots = 0;
export const newFrontend = async (): Promise<Frontend> => ({
  slot: `slot${process.pid}x${slots++}.test`,
  port: await freePort(),
});

interface Answered {
  ok: boolean;
  text(): Promise<string>;
}

/** Over a connection of its own, as a Network Load Balancer passes on connections and not requests. */
const getAnew = (url: string): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (answer) => {
      const ok = (answer.statusCode ?? 0) >= 200 && (answer.statusCode ?? 0) < 300;
      resolve({ ok, text: () => text(answer) });
    });
    asked.once('error', reject).end();
  });

export async function elbRig(over: Partial<ElbSettings> = {}) {
  const members: WebMember[] = [];
  let named = 0;
  const isNetwork = over.loadBalancer === account().networkLoadBalancer;
  const get = ({ port }: Frontend, path: string): Promise<Answered> =>
    (isNetwork ? getAnew : fetch)(`http://127.0.0.1:${port}${path}`);
  return {
    balancer: elbBalancer(elbSettings(over)),
    frontend: newFrontend,
    async instance() {
      const one = await webMember(`instance-${++named}`);
      members.push(one);
      const become = (health: 'healthy' | 'unhealthy'): void => {
        one.healthy = health === 'healthy';
      };
      return { instance: one.instance, become };
    },
    async send(frontend: Frontend) {
      const answer = await get(frontend, '/').catch(() => undefined);
      const said = await answer?.text();
      return answer?.ok === true ? said : undefined;
    },
    async begin(frontend: Frontend) {
      const answer = get(frontend, '/hold');
      const holder = await until('a member holds the request', () => members.find((one) => one.held() > 0));
      return {
        instance: holder.instance.id,
        async finish() {
          holder.release();
          await (await answer).text();
        },
      };
    },
    runScript: (lines: string[]) => runScript(lines, credentials()),
    async close() {
      for (const one of members) await one.close();
    },
  } satisfies BalancerRig;
}
