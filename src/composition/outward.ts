import type { Logger } from 'pino';
import type { RunningBot } from '../bot/app.ts';
import { quietUntil } from '../config/quiet.ts';
import { tellForge } from '../forge/tell-forge.ts';
import type { LedgerFile } from '../ledger/database.ts';
import { sqliteOutward } from '../ledger/outward.ts';
import { startCourier } from '../outward/courier.ts';
import { tellReceiver } from '../outward/notify/tell-receiver.ts';
import { needsSomebody } from '../pipeline/domain/notification.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { CommitLog } from '../pipeline/repositories.ts';
import { secretOf } from './secrets.ts';

interface Parts {
  /** The name of this Bakery. */
  installation: string;
  file: LedgerFile;
  policies: ReadonlyMap<string, ServicePolicy>;
  commits: CommitLog;
  pipeline: Pick<Pipeline, 'subscribe'>;
  bot: Pick<RunningBot, 'link'>;
  log: Logger;
}

/** The courier that tells forges and receivers what the ledger holds to be told. */
export function startOutward({ installation, file, policies, commits, pipeline, bot, log }: Parts) {
  const desk = sqliteOutward(file.db, (service) => policies.get(service), Date.now);
  const toForge = tellForge({ desk, secret: secretOf, commits });
  const toReceiver = tellReceiver({ secret: secretOf, installation, now: Date.now });
  return startCourier({
    desk,
    tell: async (telling, view, link) => {
      if (!('receiver' in view)) return toForge(telling, view, link);
      if (telling.content.kind === 'notification')
        await toReceiver(view.receiver, telling.content.notification, link);
    },
    heldUntil: (view, { content }) =>
      'receiver' in view && content.kind === 'notification' && !needsSomebody(content.notification.type)
        ? quietUntil(view.receiver.quiet, Date.now())
        : undefined,
    link: bot.link,
    now: Date.now,
    log,
    subscribe: pipeline.subscribe,
  });
}
