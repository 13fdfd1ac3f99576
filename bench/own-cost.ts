import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { embeddedBalancer } from '../src/balancers/embedded/index.ts';
import { runLine } from '../src/control/client.ts';
import { commitAll } from '../src/demo/repository.ts';
import { type Stage, setStage } from '../src/demo/stage.ts';
import { openLedgerFile } from '../src/ledger/database.ts';
import { tableRows } from '../src/ledger/rows.ts';
import { eventually } from '../test/support/eventually.ts';
import { atMost, type Figure, median, seen } from './figure.ts';

const pairs = 6;

/** A release and its deployment by Bakery against the same done by hand, in turns, each of a commit of its own. */
export async function ownCost(): Promise<Figure[]> {
  const root = mkdtempSync(join(tmpdir(), 'bakery-bench-'));
  const stage = await setStage(root, toOneEnvironment);
  const hand = await byHand(stage, root);
  const ledger = openLedgerFile(stage.place.data);
  const rows = tableRows(ledger.db);
  const ratios: number[] = [];
  const more: number[] = [];
  try {
    for (let pair = 0; pair <= pairs; pair++) {
      const sha = change(stage, `change ${pair}`);
      const bakery = await timed(async () => {
        await runLine(join(stage.place.data, 'control.sock'), '/bake hello');
        await eventually('it is live and the old one gone', 60_000, () => {
          const slot = rows.slot('hello', 'production');
          return slot?.live?.version === pair + 1 && slot.open.length === 0;
        });
      });
      const script = await timed(async () => hand(sha, pair + 1));
      // The first pair warms caches, and has no release that is live before.
      if (pair === 0) continue;
      ratios.push(bakery / script);
      more.push((bakery - script) / 1000);
    }
  } finally {
    ledger.close();
    await hand.end();
    await stage.close();
    rmSync(root, { recursive: true, force: true });
  }
  return [
    atMost('a whole release and deployment against a shell script', median(ratios), 1.1, 'x'),
    atMost('the same, how much longer', median(more), 2, 's'),
    seen('the shell script', median(more.map((longer, index) => longer / ((ratios[index] ?? 0) - 1))), 's'),
  ];
}

const timed = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Production alone, by itself and without pauses: what is left is work. */
function toOneEnvironment({ config }: { config: string }): void {
  const file = join(config, 'services', 'hello.yaml');
  const hello = parse(readFileSync(file, 'utf8'));
  const quick = { promotion: 'auto', steps: [100], soak: '0s', retireAfter: '0s', approvals: 0 };
  hello.environments = { production: { ...hello.environments.production, ...quick } };
  writeFileSync(file, stringify(hello));
  const bot = join(config, 'bot.yaml');
  // The push hook would start the release before the clock does.
  writeFileSync(
    bot,
    stringify({
      ...parse(readFileSync(bot, 'utf8')),
      webhooks: {},
      poll: '0s',
      queue: process.env.BAKERY_TEST_REDIS_URL,
    }),
  );
}

function change({ place }: Stage, text: string): string {
  writeFileSync(join(place.work, 'note.txt'), text);
  return commitAll(place, text);
}

async function byHand({ place }: Stage, root: string) {
  const folder = join(root, 'hand');
  mkdirSync(folder);
  const balancer = embeddedBalancer({ dataDir: join(folder, 'balancer') });
  await balancer.ensure();
  const script = fileURLToPath(new URL('../../bench/by-hand.sh', import.meta.url));
  const socket = join(folder, 'balancer', 'balancer', 'control.sock');
  const run = (sha: string, version: number): void => {
    const given = [place.origin, sha, folder, version, socket, 'hello.hand', place.ports.dev].map(String);
    execFileSync(script, given, { stdio: ['ignore', 'ignore', 'inherit'] });
  };
  return Object.assign(run, {
    end: async () => {
      if (!existsSync(join(folder, 'live'))) return balancer.stop();
      const live = readFileSync(join(folder, 'live'), 'utf8').trim();
      process.kill(Number(readFileSync(join(live, 'live.pid'), 'utf8')));
      await balancer.stop();
    },
  });
}
