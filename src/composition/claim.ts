import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { hideInLogs } from '../ops/log.ts';
import type { Ledger } from '../pipeline/ledger.ts';

/** While nobody administers this Bakery, who sees its log may become the one, in Slack, once. */
export async function codeToClaim(
  config: Config,
  ledger: Ledger,
  log: Logger,
): Promise<{ claimCode?: string }> {
  const { owner } = await ledger.installation();
  if (config.admins.length > 0 || owner !== undefined) return {};
  const claimCode = randomBytes(16).toString('hex');
  log.warn(
    { say: `/bake claim ${claimCode}` },
    'nobody administers this Bakery yet: what its files give to nobody, nobody may do until somebody says this in Slack',
  );
  // Shown once, above: a line that mistypes the command must not put it into the ledger or another line.
  hideInLogs(claimCode);
  return { claimCode };
}
