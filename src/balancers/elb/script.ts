import { childEntry } from '../../child-entry.ts';
import type { ShiftScriptOrder } from '../../pipeline/balancer.ts';
import { quoted } from '../../pipeline/script.ts';
import type { ElbSettings } from './settings.ts';

/** What the script tells the program that it starts. */
export interface ScriptOrder extends ShiftScriptOrder {
  settings: ElbSettings;
}

/** Starts `script-main.js`, which does what Bakery would with nothing of Bakery running. */
export function shiftScript(settings: ElbSettings, order: ShiftScriptOrder): string[] {
  const told: ScriptOrder = { ...order, settings };
  const program = [process.execPath, childEntry(import.meta.url, './script-main.js')].map(quoted).join(' ');
  return [
    'pairs=()',
    `for i in "\${!instances[@]}"; do pairs+=("\${instances[$i]}" "\${addresses[$i]}"); done`,
    `${program} ${quoted(JSON.stringify(told))} "\${pairs[@]}" || fail "Traffic was not moved."`,
  ];
}
