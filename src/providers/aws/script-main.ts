import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../../pipeline/provider.ts';
import { Cloud } from './cloud.ts';
import { Launching } from './launching.ts';
import { Machines } from './machines.ts';
import type { LaunchProgramOrder } from './script.ts';

/** The program of `launchScript`: starts the instance of a mark, or finds it, and prints its id and address. */
const [told] = process.argv.slice(2);
if (told === undefined) throw new Error('usage: script-main.js <order>');
// Written by `launchScript` of this version.
await run(JSON.parse(told) as LaunchProgramOrder).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function run({ order, settings }: LaunchProgramOrder): Promise<void> {
  const keep = () => Promise.reject(new Error('A script bakes nothing.'));
  const cloud = new Cloud({ ...settings, keep, now: Date.now });
  const call: Call = { signal: new AbortController().signal, ensureTime: () => {}, log: console.error };
  const machines = new Machines(cloud);
  const environment = Object.fromEntries(order.variables.map((name) => [name, process.env[name] ?? '']));
  const spec = { health: { path: '/', within: 0 }, settings: {}, ...order.spec };
  const wanted = { image: order.image, spec, environment, mark: order.mark };
  const deadline = Date.now() + 60_000;
  for (;;) {
    const machine = await new Launching(cloud, machines).begin(wanted, call);
    if (machine?.PrivateIpAddress !== undefined) {
      console.log(`${machine.InstanceId} http://${machine.PrivateIpAddress}:${settings.instances.port}`);
      return;
    }
    if (Date.now() > deadline) throw new Error('EC2 gives the instance no address.');
    await pause(1_000);
  }
}
