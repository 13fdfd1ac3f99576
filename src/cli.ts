#!/usr/bin/env node
import { Command } from 'commander';
import { addAudit } from './cli/audit.ts';
import { addBackup } from './cli/backup.ts';
import { addCheck } from './cli/check.ts';
import { endOnClosedPipe } from './cli/closed-pipe.ts';
import { addDemo } from './cli/demo.ts';
import { addDoctor } from './cli/doctor.ts';
import { addHaproxy } from './cli/haproxy.ts';
import { addInit } from './cli/init.ts';
import { addReap } from './cli/reap.ts';
import { addRestore } from './cli/restore.ts';
import { addRun } from './cli/run.ts';
import { addSelftest } from './cli/selftest.ts';
import { addStart } from './cli/start.ts';
import { addSubmit } from './cli/submit.ts';
import { LedgerUnavailable } from './ledger/unavailable.ts';
import { ProviderError } from './pipeline/provider.ts';

const program = new Command('bakery')
  .description(
    'Ships services as immutable images, driven from Slack: bake, verify, approve, cut over, roll back.',
  )
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/', '.')
  .showHelpAfterError();

for (const add of [
  addStart,
  addRun,
  addSubmit,
  addInit,
  addCheck,
  addDoctor,
  addBackup,
  addRestore,
  addAudit,
  addReap,
  addHaproxy,
  addSelftest,
  addDemo,
])
  add(program);

let running = '';
program.hook('preAction', (_, action) => {
  running = action.name();
});
endOnClosedPipe(
  process.stdout,
  () => running,
  (code) => process.exit(code),
);

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ProviderError || error instanceof LedgerUnavailable;
  console.error(error instanceof Error ? error.message : `${error}`);
  if (!expected && process.env.BAKERY_DEBUG !== undefined) console.error(error);
  process.exitCode = 1;
}
