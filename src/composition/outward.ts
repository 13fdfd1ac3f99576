import type { Logger } from 'pino';
import type { RunningBot } from '../bot/app.ts';
import { tellForge } from '../forge/tell-forge.ts';
import type { LedgerFile } from '../ledger/database.ts';
import { sqliteOutward } from '../ledger/outward.ts';
import { startCourier } from '../outward/courier.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { CommitLog, Pipeline } from '../pipeline/pipeline.ts';
import { secretOf } from './secrets.ts';

interface Parts {
  file: LedgerFile;
  policies: ReadonlyMap<string, ServicePolicy>;
  commits: CommitLog;
  pipeline: Pick<Pipeline, 'subscribe'>;
  bot: Pick<RunningBot, 'link'>;
  log: Logger;
}

/** The courier that tells forges what the ledger holds to be told. */
export function startOutward({ file, policies, commits, pipeline, bot, log }: Parts) {
  const desk = sqliteOutward(file.db, (service) => policies.get(service), Date.now);
  return startCourier({
    desk,
    tell: tellForge({ desk, secret: secretOf, commits }),
    link: bot.link,
    now: Date.now,
    log,
    subscribe: pipeline.subscribe,
  });
}
