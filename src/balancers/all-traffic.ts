import { setTimeout as pause } from 'node:timers/promises';
import type { Balancer, ShiftScriptOrder } from '../pipeline/balancer.ts';
import type { Instance } from '../pipeline/domain/instance.ts';
import type { Call } from '../pipeline/provider.ts';

/**
 * What the program of a `shiftScript` does: attaches these instances, waits until the balancer calls them healthy, and
 * gives all traffic to them, under the slot's own epoch or the order's, whichever is higher.
 */
export async function allTrafficTo(
  all: Instance[],
  balancer: Balancer,
  { frontend, health, epoch: least }: ShiftScriptOrder,
): Promise<void> {
  const call: Call = { signal: new AbortController().signal, ensureTime: () => {}, log: console.log };
  const epoch = Math.max(least, (await balancer.members(frontend, call)).epoch);
  for (const instance of all) await balancer.attach(frontend, instance, health, epoch, call);
  const deadline = Date.now() + health.within;
  for (;;) {
    const { members } = await balancer.members(frontend, call);
    const healthy = members.filter((member) => member.health === 'healthy').map(({ instance }) => instance);
    if (all.every(({ id }) => healthy.includes(id))) break;
    if (Date.now() > deadline)
      throw new Error(`The balancer does not call them healthy within ${health.within} ms.`);
    await pause(100);
  }
  const share = Math.floor(100 / all.length);
  await balancer.shift(frontend, Object.fromEntries(all.map(({ id }) => [id, share])), epoch, call);
}

/** The instances of a command line: id and address each. */
export function instancesIn(words: string[]): Instance[] {
  const found: Instance[] = [];
  for (let at = 0; at < words.length; at += 2)
    found.push({
      provider: '',
      id: words[at] ?? '',
      address: words[at + 1] ?? '',
      effect: '',
      generation: 0,
    });
  return found;
}
