import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { restoreLedger } from '../ledger/restore.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

/** `bakery restore <file>`. */
export function addRestore(program: Command): void {
  withConfig(
    program
      .command('restore <file>')
      .description('puts a backup in the place of the ledger, while no bot runs; what was there is kept'),
  ).action(async (file: string, options: ConfigOption, command: Command) => {
    const config = await configured(options, command);
    const made = await restoreLedger({
      dataDir: config.data,
      backup: resolve(file),
      policies: config.policies,
      by: { kind: 'operator', account: userInfo().username },
      now: Date.now(),
    });
    console.log(`The ledger is the one of ${file} now: ${made.events} events, checked.`);
    if (made.replaced !== undefined) console.log(`What was there lies at ${made.replaced}.`);
    console.log(
      `Nothing that it held as under way goes on. Start the bot: it looks at the clouds first, takes over what serves, numbers versions above those it finds, and removes nothing until a person says /bake reaper <service> allow (${made.services.length} services).`,
    );
  });
}
