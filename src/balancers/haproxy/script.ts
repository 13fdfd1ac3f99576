import { childEntry } from '../../child-entry.ts';
import type { ShiftScriptOrder } from '../../pipeline/balancer.ts';
import { scriptOfProgram } from '../script-of-program.ts';
import type { HaproxyOptions } from './haproxy.ts';

/** What the script tells the program that it starts. */
export interface ScriptOrder extends ShiftScriptOrder {
  options: Pick<HaproxyOptions, 'socket' | 'master' | 'stateDir'>;
}

/**
 * Starts `script-main.js`, which does what Bakery would and keeps it as Bakery does, with nothing of Bakery running:
 * a shell that spoke to the socket alone would leave a state that the next look puts right again.
 */
export function shiftScript(options: HaproxyOptions, order: ShiftScriptOrder): string[] {
  const { socket, master, stateDir } = options;
  const told: ScriptOrder = {
    ...order,
    options: { socket, stateDir, ...(master === undefined ? {} : { master }) },
  };
  return scriptOfProgram(childEntry(import.meta.url, './script-main.js'), told);
}
