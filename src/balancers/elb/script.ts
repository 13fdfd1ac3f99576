import { childEntry } from '../../child-entry.ts';
import type { ShiftScriptOrder } from '../../pipeline/balancer.ts';
import { scriptOfProgram } from '../script-of-program.ts';
import type { ElbSettings } from './settings.ts';

/** What the script tells the program that it starts. */
export interface ScriptOrder extends ShiftScriptOrder {
  settings: ElbSettings;
}

/** Starts `script-main.js`, which does what Bakery would with nothing of Bakery running. */
export function shiftScript(settings: ElbSettings, order: ShiftScriptOrder): string[] {
  const { share: _share, ...alone } = settings;
  const told: ScriptOrder = { ...order, settings: alone };
  return scriptOfProgram(childEntry(import.meta.url, './script-main.js'), told);
}
