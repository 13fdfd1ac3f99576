import { allTrafficTo, instancesIn } from '../all-traffic.ts';
import { elbBalancer } from './index.ts';
import type { ScriptOrder } from './script.ts';

/** The program of `shiftScript`: gives all traffic to the instances named behind its order, id and address each. */
const [told, ...pairs] = process.argv.slice(2);
if (told === undefined || pairs.length === 0)
  throw new Error('usage: script-main.js <order> (<id> <address>)…');
// Written by `shiftScript` of this version.
const order = JSON.parse(told) as ScriptOrder;
await allTrafficTo(instancesIn(pairs), elbBalancer(order.settings), order).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
