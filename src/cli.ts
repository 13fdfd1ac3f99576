#!/usr/bin/env node
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { checkSlack } from './bot/check-slack.ts';
import { checkConfig } from './config/check.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { printProblem } from './config/problem.ts';
import { readSecret } from './config/secret.ts';
import { audit } from './ledger/audit.ts';
import { backupLedger } from './ledger/backup.ts';
import { LedgerUnavailable, openLedgerFile } from './ledger/database.ts';
import { type Roles, startBakery } from './main.ts';
import { createLog } from './ops/log.ts';
import { ProviderError } from './pipeline/provider.ts';

const program = new Command('bakery')
  .description(
    'Ships services as immutable images, driven from Slack: bake, verify, approve, cut over, roll back.',
  )
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/', '.')
  .showHelpAfterError();

program
  .command('start')
  .description('everything in one process: bot, coordinator and worker')
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/')
  .action((options) => run(options, { bot: true, worker: true }));
program
  .command('bot')
  .description('the bot and the coordinator only; workers run elsewhere')
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/')
  .action((options) => run(options, { bot: true, worker: false }));
program
  .command('worker')
  .description('a worker only: needs the queue, the store and the providers, not the ledger')
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/')
  .action((options) => run(options, { bot: false, worker: true }));
program
  .command('check')
  .description('checks the configuration and names every problem with file, line and fix')
  .addArgument(
    new Argument('[what]', 'slack: asks Slack whether tokens and scopes are right').choices(['slack']),
  )
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/')
  .action(async (what: 'slack' | undefined, options) => {
    process.exitCode =
      what === 'slack'
        ? await askSlack(await configured(options))
        : await checkConfig(folder(options), console.log);
  });
program
  .command('backup <file>')
  .description('copies the ledger to a file while it is in use')
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/')
  .action(async (file, options) => {
    const config = await configured(options);
    const { pages } = await backupLedger(config.data, resolve(file));
    console.log(`The ledger was copied to ${file} (${pages} pages).`);
  });
program
  .command('audit')
  .description(
    'checks the chain of events, rebuilds all tables from them and compares; exit 1 when something is wrong',
  )
  .option('-c, --config <dir>', 'the folder of bot.yaml and services/')
  .option('--data <dir>', 'another data directory')
  .action(async (options: { data?: string; config?: string }) => {
    const data = options.data ?? (await configured(options)).data;
    const file = openLedgerFile(resolve(data));
    const report = audit(file.db);
    file.close();
    for (const problem of report.problems) console.log(problem);
    console.log(
      `${report.events} events, ${report.problems.length} problems. The newest hash is ${report.head}.`,
    );
    process.exitCode = report.problems.length === 0 ? 0 : 1;
  });
program
  .command('demo')
  .description(
    'the whole story on this machine: a simulated Slack with a page, a real repository, live traffic',
  )
  .option('--auto', 'tells the story by itself and ends with a summary')
  .option('--keep <dir>', 'keeps the data directory there')
  .action(async (options: { auto?: boolean; keep?: string }) => {
    const { demo } = await import('./demo/index.ts');
    process.exitCode = await demo(options);
  });

function folder(options: { config?: string }): string {
  return options.config ?? program.opts<{ config: string }>().config;
}

async function askSlack({ slack }: Config): Promise<0 | 1> {
  const { mode, botToken, appToken, apiUrl } = slack;
  return checkSlack({
    mode,
    botToken: await readSecret(botToken),
    ...(mode === 'http' || appToken === undefined ? {} : { appToken: await readSecret(appToken) }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    print: console.log,
  });
}

async function configured(options: { config?: string }): Promise<Config> {
  const loading = await loadConfig(folder(options));
  if (loading.ok) return loading.config;
  for (const problem of loading.problems) console.error(printProblem(problem));
  console.error('Bakery does not start with this configuration.');
  process.exit(1);
}

async function run(options: { config?: string }, roles: Roles): Promise<void> {
  const config = await configured(options);
  const log = createLog();
  const running = await startBakery(config, roles, log);
  log.info(
    { name: config.name, roles, account: userInfo().username, data: join(config.data) },
    'bakery runs',
  );
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'bakery stops');
      running.stop().then(() => process.exit(0));
    });
  }
}

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ProviderError || error instanceof LedgerUnavailable;
  console.error(
    expected || !(error instanceof Error)
      ? `${error instanceof Error ? error.message : error}`
      : error.message,
  );
  if (!expected && process.env.BAKERY_DEBUG !== undefined) console.error(error);
  process.exitCode = 1;
}
