import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { type Roles, startBakery } from '../main.ts';
import { createLog } from '../ops/log.ts';
import { type ConfigOption, configured, withConfig } from './configured.ts';

const roles: Record<'start' | 'bot' | 'worker', { says: string; roles: Roles }> = {
  start: {
    says: 'everything in one process: bot, coordinator and worker',
    roles: { bot: true, worker: true },
  },
  bot: {
    says: 'the bot and the coordinator only; workers run elsewhere',
    roles: { bot: true, worker: false },
  },
  worker: {
    says: 'a worker only: needs the queue, the store and the providers, not the ledger',
    roles: { bot: false, worker: true },
  },
};

/** `bakery start | bot | worker`: run until SIGINT or SIGTERM. */
export function addStart(program: Command): void {
  for (const [word, role] of Object.entries(roles)) {
    withConfig(program.command(word).description(role.says)).action(
      (options: ConfigOption, command: Command) => run(options, command, role.roles),
    );
  }
}

async function run(options: ConfigOption, command: Command, roles: Roles): Promise<void> {
  const config = await configured(options, command);
  const log = createLog();
  const running = await startBakery(config, roles, log);
  log.info({ name: config.name, roles, account: userInfo().username, data: config.data }, 'bakery runs');
  process.on('SIGHUP', () => {
    log.info({}, 'bakery reads its files again');
    void running.reload();
  });
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
