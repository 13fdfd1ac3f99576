import { examineLedger, type LedgerLook } from '../ledger/examine.ts';
import { advice, type Finding, well, wrong } from './finding.ts';

const day = 24 * 3_600_000;
/** A copy that is older than this is worth a word. */
const oldBackup = 7 * day;

/** The ledger as it lies on the disk: nothing of it is changed, also while a coordinator works with it. */
export function lookAtLedger(data: string, now: number): Finding[] {
  const look = examineLedger(data);
  return look === undefined
    ? [
        advice(
          `There is no ledger in ${data} yet.`,
          'It is made when Bakery starts for the first time. If it ran here before, its truth is missing.',
          'Start Bakery; or put a backup back first: bakery restore.',
        ),
      ]
    : ledgerFindings(look, now);
}

/** What a look at a ledger means, in sentences. */
export function ledgerFindings(
  { schema, damage, problems, events, backup }: LedgerLook,
  now: number,
): Finding[] {
  const findings: Finding[] = [];
  if (damage.length > 0)
    findings.push(
      wrong(
        `The ledger's file is damaged: ${damage.join('; ')}.`,
        'SQLite cannot read what it has written: its disk, or a program beside Bakery, changed it.',
        'Stop Bakery, look at the disk, and put the newest backup back: bakery restore.',
      ),
    );
  if (schema === 'newer')
    findings.push(
      wrong(
        'The ledger was written by a newer Bakery than this one.',
        'This version does not start with it, so that nothing is misread.',
        'Install that version again, or restore a backup that this one made.',
      ),
    );
  if (schema === 'older')
    findings.push(
      advice(
        'The ledger is of an earlier Bakery: its tables are brought up to date at the next start.',
        'After that, the earlier version does not open it any more.',
        'Make a copy before you start: bakery backup <file>.',
      ),
    );
  if (problems.length > 0)
    findings.push(
      wrong(
        `${problems.length} things of the ledger do not fit its chain. The first: ${problems[0]}`,
        'What happened, or who said yes to it, was changed behind its back.',
        'Run bakery audit verify for all of them; compare with anchors and backups before anything is released.',
      ),
    );
  if (findings.length === 0)
    findings.push(well(`The ledger is whole: ${events ?? 0} events fit their chain.`));
  return [...findings, backupFinding(backup, now)];
}

function backupFinding(backup: LedgerLook['backup'], now: number): Finding {
  if (backup === undefined)
    return advice(
      'No copy of the ledger by `bakery backup` is known here.',
      'Who approved what, and which image goes where, stands in the ledger alone.',
      'Let a timer run bakery backup <file> every night, onto another disk. If something else copies it, all is well.',
    );
  const days = Math.floor((now - backup.at) / day);
  const said = `The newest copy of the ledger that \`bakery backup\` made is ${days} ${days === 1 ? 'day' : 'days'} old (${backup.file})`;
  if (now - backup.at <= oldBackup) return well(`${said}.`);
  return advice(
    `${said}.`,
    'After a restore Bakery knows nothing that happened since, until a person has confirmed what was found.',
    'Look why the timer of bakery backup does not run any more.',
  );
}
