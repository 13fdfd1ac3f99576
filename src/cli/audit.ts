import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Anchor, anchorProblems, parseAnchors } from '../ledger/anchors.ts';
import { audit } from '../ledger/audit.ts';
import { type LedgerFile, openLedgerFile } from '../ledger/database.ts';
import { eraseTexts, textsWith } from '../ledger/erase.ts';
import { columns, csvLine, exported } from '../ledger/export.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

type DataOption = ConfigOption & { data?: string };

/** `bakery audit verify | export | erase`; `bakery audit` alone verifies. */
export function addAudit(program: Command): void {
  const group = program.command('audit').description('proves, exports and erases what the ledger holds');
  const sub = (name: string, says: string, isDefault = false): Command =>
    withConfig(group.command(name, { isDefault }).description(says)).option(
      '--data <dir>',
      'another data directory',
    );
  sub(
    'verify',
    'checks the chain, rebuilds all tables from it and compares; exit 1 when something is wrong',
    true,
  )
    .option(
      '--anchors <file>',
      'hashes that were written down elsewhere, or messages copied from their channel (default: the file of bot.yaml)',
    )
    .action(verify);
  sub('export', 'prints the events since a time')
    .requiredOption('--since <time>', 'a date or a time, as 2026-11-01 or 2026-11-01T08:00Z')
    .addOption(new Option('--format <format>').choices(['json', 'csv']).default('json'))
    .action(exportSince);
  sub('erase <words>', 'erases all texts that hold these words; the chain stays whole')
    .option('--yes', 'erase them; without it they are only listed')
    .action(erase);
}

async function opened(options: DataOption, command: Command): Promise<LedgerFile> {
  return openLedgerFile(resolve(options.data ?? (await configured(options, command.parent ?? command)).data));
}

async function verify(options: DataOption & { anchors?: string }, command: Command): Promise<void> {
  const { anchors, problems: unread } = await anchorsOf(options, command);
  const file = await opened(options, command);
  const report = audit(file.db);
  const problems = [...report.problems, ...unread, ...anchorProblems(file.db, anchors ?? [])];
  file.close();
  for (const problem of problems) console.log(problem);
  console.log(
    `${report.events} events, ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}. The newest hash is ${report.head}.`,
  );
  console.log(
    anchors === undefined || anchors.length === 0
      ? 'There is no anchor: whether the newest events were cut off, or the whole ledger was written anew, cannot be known from the ledger alone. Set `anchors` in bot.yaml, or give --anchors; messages that were posted in a channel can be copied into a file for it.'
      : `${anchors.length} anchors were compared, the newest of ${new Date(anchors.at(-1)?.at ?? 0).toISOString()}: what came after it has no witness yet.`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** The anchors that were named; those of the configuration when it is known and names a file. */
async function anchorsOf(
  options: DataOption & { anchors?: string },
  command: Command,
): Promise<{ anchors: Anchor[] | undefined; problems: string[] }> {
  const named = options.anchors;
  const path =
    named ??
    (options.data === undefined
      ? (await configured(options, command.parent ?? command)).anchors?.file
      : undefined);
  if (path === undefined) return { anchors: undefined, problems: [] };
  try {
    return parseAnchors(await readFile(resolve(path), 'utf8'));
  } catch {
    const problem = `The anchors in ${path} cannot be read, so they were not compared.`;
    return { anchors: undefined, problems: [problem] };
  }
}

async function exportSince(
  options: DataOption & { since: string; format: 'json' | 'csv' },
  command: Command,
): Promise<void> {
  const since = Date.parse(options.since);
  if (Number.isNaN(since)) {
    console.error(
      `${options.since} is no time: say it like 2026-11-01 or 2026-11-01T08:00Z. Nothing was exported.`,
    );
    process.exitCode = 1;
    return;
  }
  const file = await opened(options, command);
  const { csv } = { csv: options.format === 'csv' };
  if (csv) process.stdout.write(csvLine(columns));
  for (const line of exported(file.db, since)) {
    process.stdout.write(csv ? csvLine(columns.map((column) => line[column])) : `${JSON.stringify(line)}\n`);
  }
  file.close();
}

async function erase(
  words: string,
  options: DataOption & { yes?: boolean },
  command: Command,
): Promise<void> {
  const file = await opened(options, command);
  const found = words.trim() === '' ? [] : textsWith(file, words);
  for (const { ref, words: kept } of found) console.log(`${ref}  ${kept.replace(/\s+/g, ' ').slice(0, 100)}`);
  if (found.length === 0) {
    console.log('No text holds these words. Nothing was erased.');
    process.exitCode = 1;
  } else if (options.yes) {
    eraseTexts(file, found, { kind: 'operator', account: userInfo().username }, Date.now());
    console.log(`${found.length} texts were erased. The chain is whole: bakery audit verify.`);
  } else {
    console.log(`${found.length} texts would be erased, for good. Say it again with --yes.`);
  }
  file.close();
}
