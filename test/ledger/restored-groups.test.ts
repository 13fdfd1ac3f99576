import { expect, it } from 'vitest';
import { audit } from '../../src/ledger/audit.ts';
import { backupLedger } from '../../src/ledger/backup.ts';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { restoreLedger } from '../../src/ledger/restore.ts';
import { activeRung } from '../../src/pipeline/domain/group.ts';
import { GroupWorld } from '../support/group-world.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('a group that rolled out when the backup was made neither goes on nor goes back after a restore', async () => {
  const folder = tempFolder();
  const world = new GroupWorld({ file: openLedgerFile(folder) });
  await world.through('one', 1);
  await world.ship('two');
  await world.run(10_000);
  world.say = ({ kind, effect }) => (kind === 'watch' && effect.includes('worker.') ? 'hang' : undefined);
  await world.approveAll(2);
  await world.run(10_000);
  expect(world.inPlace(2)?.state).toBe('rolling out');
  await backupLedger(folder, `${folder}/backup.sqlite`);
  world.file.close();
  await restoreLedger({
    dataDir: folder,
    backup: `${folder}/backup.sqlite`,
    policies: world.policies,
    by: { kind: 'operator', account: 'ops' },
    now: world.now,
  });
  const after = new GroupWorld({ file: openLedgerFile(folder) });
  after.takeCloudsOf(world);
  const running = new Set(after.running);
  expect(activeRung(after.group(2))).toBeUndefined();
  expect(
    await after.do({
      do: 'roll back group',
      service: 'shop',
      environment: 'production',
      by: { kind: 'person', team: 'T1', user: 'UADA' },
    }),
  ).toMatchObject({ refused: 'too early' });
  await after.upkeep(60_000);
  expect([...running].filter((id) => !after.running.has(id))).toEqual([]);
  expect(after.group(2).state).toBe('ended');
  expect(after.eventsOf('GroupMemberGoingBack')).toEqual([]);
  expect(audit(after.file.db).problems).toEqual([]);
});
