import { resolve } from 'node:path';
import type { Command } from 'commander';
import { audit } from '../ledger/audit.ts';
import { openLedgerFile } from '../ledger/database.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

/** `bakery audit`. */
export function addAudit(program: Command): void {
  withConfig(
    program
      .command('audit')
      .description(
        'checks the chain of events, rebuilds all tables from them and compares; exit 1 when something is wrong',
      )
      .option('--data <dir>', 'another data directory'),
  ).action(async (options: ConfigOption & { data?: string }, command: Command) => {
    const data = options.data ?? (await configured(options, command)).data;
    const file = openLedgerFile(resolve(data));
    const report = audit(file.db);
    file.close();
    for (const problem of report.problems) console.log(problem);
    console.log(
      `${report.events} events, ${report.problems.length} problems. The newest hash is ${report.head}.`,
    );
    process.exitCode = report.problems.length === 0 ? 0 : 1;
  });
}
