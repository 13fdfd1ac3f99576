import type { Command } from 'commander';
import { openLedgerFile } from '../ledger/database.ts';
import { sqliteLedger } from '../ledger/sqlite-ledger.ts';
import { stopInWords } from '../pipeline/domain/reaper.ts';
import { type LeftoversReport, reportLeftovers } from '../pipeline/leftovers-report.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

/** `bakery reap --dry-run`. */
export function addReap(program: Command): void {
  withConfig(
    program
      .command('reap')
      .description('shows what runs in the clouds and belongs to nothing; the bot removes it by itself')
      .requiredOption('--dry-run', 'changes nothing: removing is the running bot’s own work'),
  ).action(async (options: ConfigOption, command: Command) => {
    const config = await configured(options, command);
    const file = openLedgerFile(config.data);
    try {
      const reports = await reportLeftovers(sqliteLedger(file), config.policies);
      for (const line of reapLines(reports, Date.now())) console.log(line);
    } finally {
      file.close();
    }
  });
}

/** The report in lines for a terminal. */
export function reapLines(reports: LeftoversReport[], now: number): string[] {
  if (reports.length === 0)
    return ['Nothing belongs to nothing: all that was found in the clouds is accounted for.'];
  return reports.flatMap(({ service, provider, at, leftovers, held }) => [
    `${service} in ${provider}, looked at ${Math.round((now - at) / 1000)} s ago:`,
    ...leftovers.map(
      ({ what, id, mark }) => `  ${what} ${id}: made for v${mark.version} in ${mark.environment}`,
    ),
    held === undefined
      ? `  Seen twice, ${leftovers.length === 1 ? 'it is' : 'they are'} removed within a minute.`
      : `  ${heldInWords(service, held)}`,
  ]);
}

function heldInWords(service: string, held: NonNullable<LeftoversReport['held']>): string {
  if (held === 'not configured')
    return 'Left alone: there is no such service in the configuration. Configure it again, or remove these by hand.';
  if (held === 'marks')
    return 'Left alone for now: most of what should run was not found by its mark, so what is found proves nothing.';
  return `Left alone: ${stopInWords[held]}. /bake reaper ${service} allow lets it go on.`;
}
