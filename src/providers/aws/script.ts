import { childEntry } from '../../child-entry.ts';
import type { ScriptOrder } from '../../pipeline/provider.ts';
import { quoted } from '../../pipeline/script.ts';
import type { AwsSettings } from './settings.ts';

/** What the script tells the program that it starts. */
export interface LaunchProgramOrder {
  order: ScriptOrder;
  settings: Pick<AwsSettings, 'region' | 'bucket' | 'instances' | 'builders' | 'role' | 'externalId'>;
}

/**
 * Starts `script-main.js`, which makes the machine of the mark as Bakery would, with nothing of Bakery running. Values
 * come to it by its environment; it prints the instance's id and address.
 */
export function launchScript(settings: AwsSettings, order: ScriptOrder): string[] {
  const { region, bucket, instances, builders, role, externalId } = settings;
  const told: LaunchProgramOrder = {
    order,
    settings: { region, bucket, instances, builders, role, externalId },
  };
  const program = [process.execPath, childEntry(import.meta.url, './script-main.js')].map(quoted).join(' ');
  return [
    `made=$(${program} ${quoted(JSON.stringify(told))}) || fail "No instance was started."`,
    `instance="\${made%% *}"`,
    `address="\${made##* }"`,
  ];
}
