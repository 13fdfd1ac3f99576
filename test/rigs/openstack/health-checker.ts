import { request as ask } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Database, member, type Octavia, type PoolMember, pool } from './octavia-api.ts';

const isHealthy = (address: string, port: number, path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = ask({ host: address, port, path, agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });

/**
 * What an amphora does, apart from the balancer and without its code: asks the members of the `most` newest pools for
 * their health as the health monitors in Octavia say, until it is stopped, and writes what it found into Octavia's
 * database as the health manager does. Each pool costs three questions.
 */
export function healthChecker(api: Octavia, sql: Database, id: string, most: number) {
  const stopped = new AbortController();
  const one = async (
    path: string,
    { id: member, address, protocol_port: port, weight, ...now }: PoolMember,
  ) => {
    const well = await isHealthy(address, port, path);
    const status = well ? (weight === 0 ? 'DRAINING' : 'ONLINE') : 'ERROR';
    if (status !== now.operating_status)
      sql.write(`UPDATE member SET operating_status = '${status}' WHERE id = '${member}'`);
  };
  const round = async (): Promise<void> => {
    const { pools } = z.object({ pools: z.array(pool) }).parse(await api(`/pools?loadbalancer_id=${id}`));
    const newest = pools.sort((one, other) => other.created_at.localeCompare(one.created_at)).slice(0, most);
    for (const { id: poolId, healthmonitor_id: monitor } of newest) {
      if (monitor == null) continue;
      const schema = z.object({ healthmonitor: z.object({ url_path: z.string() }).optional() });
      const path = schema.parse(await api(`/healthmonitors/${monitor}`)).healthmonitor?.url_path;
      const list = z.object({ members: z.array(member).default([]) });
      const { members } = list.parse(await api(`/pools/${poolId}/members`));
      if (path !== undefined) await Promise.all(members.map((each) => one(path, each)));
    }
  };
  const ended = (async () => {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => console.error(error));
      await pause(100);
    }
  })();
  return async () => {
    stopped.abort();
    await ended;
  };
}
