import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backupLedger } from '../ledger/backup.ts';
import { noteBackup } from '../ledger/examine.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

/** `bakery backup <file>`. */
export function addBackup(program: Command): void {
  withConfig(
    program.command('backup <file>').description('copies the ledger to a file while it is in use'),
  ).action(async (file: string, options: ConfigOption, command: Command) => {
    const config = await configured(options, command);
    const { pages } = await backupLedger(config.data, resolve(file));
    noteBackup(config.data, { at: Date.now(), file: resolve(file) });
    console.log(`The ledger was copied to ${file} (${pages} pages).`);
  });
}
