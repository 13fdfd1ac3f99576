import { setTimeout as pause } from 'node:timers/promises';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Call } from '../../pipeline/provider.ts';
import { haproxyBalancer } from './index.ts';
import type { ScriptOrder } from './script.ts';

/** The program of `shiftScript`: gives all traffic to the instances named behind its order, id and address each. */
const [told, ...pairs] = process.argv.slice(2);
if (told === undefined || pairs.length === 0)
  throw new Error('usage: script-main.js <order> (<id> <address>)…');
// Written by `shiftScript` of this version.
await run(JSON.parse(told) as ScriptOrder, instancesIn(pairs)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function run({ options, frontend, health, epoch: least }: ScriptOrder, all: Instance[]): Promise<void> {
  const balancer = haproxyBalancer(options);
  const call: Call = { signal: new AbortController().signal, ensureTime: () => {}, log: console.log };
  const epoch = Math.max(least, (await balancer.members(frontend, call)).epoch);
  for (const instance of all) await balancer.attach(frontend, instance, health, epoch, call);
  const deadline = Date.now() + health.within;
  for (;;) {
    const { members } = await balancer.members(frontend, call);
    const healthy = members.filter((member) => member.health === 'healthy').map(({ instance }) => instance);
    if (all.every(({ id }) => healthy.includes(id))) break;
    if (Date.now() > deadline)
      throw new Error(`HAProxy does not call them healthy within ${health.within} ms.`);
    await pause(100);
  }
  const share = Math.floor(100 / all.length);
  await balancer.shift(frontend, Object.fromEntries(all.map(({ id }) => [id, share])), epoch, call);
}

function instancesIn(words: string[]): Instance[] {
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
