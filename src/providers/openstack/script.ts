import { childEntry } from '../../child-entry.ts';
import type { ScriptOrder } from '../../pipeline/provider.ts';
import { quoted } from '../../pipeline/script.ts';
import type { OpenStackSettings } from './settings.ts';

/** What the script tells the program that it starts. */
export interface Told {
  provider: string;
  settings: Omit<OpenStackSettings, 'keep' | 'now'>;
  order: ScriptOrder;
}

/**
 * Starts `script-main.js`, which does what Bakery would with nothing of Bakery running; it reads the credentials of
 * the cloud as Bakery does, and the values from the variables that it was given.
 */
export function launchScript(
  provider: string,
  { keep: _keep, now: _now, ...settings }: OpenStackSettings,
  order: ScriptOrder,
): string[] {
  const told: Told = { provider, settings, order };
  const program = [process.execPath, childEntry(import.meta.url, './script-main.js')].map(quoted).join(' ');
  return [
    `made=$(${program} ${quoted(JSON.stringify(told))}) || fail "No server was started. Look at the words above."`,
    'read -r instance address <<< "$made"',
  ];
}
