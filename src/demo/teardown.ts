import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { embeddedBalancer } from '../balancers/embedded/index.ts';
import { openLedgerFile } from '../ledger/database.ts';
import { sqliteLedger } from '../ledger/sqlite-ledger.ts';
import type { Call } from '../pipeline/provider.ts';
import { localProvider } from '../providers/local/index.ts';
import type { Place } from './place.ts';

const patience = 15_000;

/** Ends every instance that the demo started, and its balancer. The data stays, so that a start finds all as it was. */
export async function tearDown({ data }: Place): Promise<number> {
  if (!existsSync(join(data, 'ledger.sqlite'))) return 0;
  const file = openLedgerFile(data);
  const { owner } = sqliteLedger(file);
  file.close();
  const provider = localProvider({ root: join(data, 'local'), now: Date.now });
  const call: Call = {
    signal: AbortSignal.timeout(patience),
    ensureTime: () => undefined,
    log: () => undefined,
  };
  const instances = (await provider.list(owner, call)).filter(({ what }) => what === 'instance');
  await embeddedBalancer({ dataDir: join(data, 'balancer') }).stop();
  for (const { id } of instances) {
    for (;;) {
      const reply = await provider.terminate(id, 3_000, call);
      if (reply.ready) break;
      await pause(Math.min(reply.again, 200));
    }
  }
  return instances.length;
}
