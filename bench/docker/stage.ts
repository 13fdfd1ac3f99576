import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { and, eq, isNull, lte } from 'drizzle-orm';
import { parse, stringify } from 'yaml';
import { runLine } from '../../src/control/client.ts';
import { dockerCloud } from '../../src/demo/clouds/docker.ts';
import { commitAll } from '../../src/demo/repository.ts';
import { type Stage, setStage } from '../../src/demo/stage.ts';
import { forget } from '../../src/demo/teardown.ts';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { tableRows } from '../../src/ledger/rows.ts';
import { messages } from '../../src/ledger/schema.ts';
import { eventually } from '../../test/support/eventually.ts';
import { base, engineUrl } from './engine.ts';

/** Bakery on the rig's engine behind a HAProxy, for figures of the whole. */
export interface DockerStage {
  stage: Stage;
  root: string;
  say(line: string): Promise<unknown>;
  /** A commit that is version `vN`. */
  change(version: number): string;
  /** Waits until a version is live there; `alone`: and nothing is under way any more. */
  live(environment: string, version: number, alone: boolean): Promise<void>;
  /** Waits until nobody changes an environment, and Slack shows all that was said of it: what follows begins at rest. */
  calm(environment: string): Promise<void>;
  end(): Promise<void>;
}

/** Sets it up with these environments, each going on by itself and without pauses: what is left is work. */
export async function dockerStage(
  environments: Record<string, { retireAfter: string }>,
): Promise<DockerStage> {
  const root = mkdtempSync(join(tmpdir(), 'bakery-bench-'));
  const cloud = dockerCloud({ engine: engineUrl, base });
  const stage = await setStage(root, ({ config }) => adapt(config, environments), cloud);
  const ledger = openLedgerFile(stage.place.data);
  const rows = tableRows(ledger.db);
  return {
    stage,
    root,
    say: (line) => runLine(join(stage.place.data, 'control.sock'), line),
    change(version) {
      writeFileSync(join(stage.place.work, 'version.txt'), `v${version}\n`);
      // The example is v1 already.
      writeFileSync(join(stage.place.work, 'change.txt'), `${version}\n`);
      return commitAll(stage.place, `version ${version}`);
    },
    async live(environment, version, alone) {
      await eventually(`v${version} is live in ${environment}`, 120_000, () => {
        const slot = rows.slot('hello', environment);
        return slot?.live?.version === version && (!alone || slot.open.length === 0);
      });
    },
    async calm(environment) {
      const isDue = and(
        eq(messages.due, true),
        isNull(messages.givenUp),
        lte(messages.notBefore, Date.now()),
      );
      await eventually(`nothing moves in ${environment}, and all is shown`, 120_000, () => {
        if (rows.slot('hello', environment)?.lease !== undefined) return false;
        return ledger.db.select({ key: messages.key }).from(messages).where(isDue).get() === undefined;
      });
    },
    async end() {
      ledger.close();
      await stage.close();
      await forget(stage.place, cloud);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function adapt(config: string, environments: Record<string, { retireAfter: string }>): void {
  const file = join(config, 'services', 'hello.yaml');
  const hello = parse(readFileSync(file, 'utf8'));
  const quick = { promotion: 'auto', steps: [100], soak: '0s', approvals: 0, production: false };
  hello.environments = Object.fromEntries(
    Object.entries(environments).map(([name, given]) => [
      name,
      { ...hello.environments[name], ...quick, ...given },
    ]),
  );
  writeFileSync(file, stringify(hello));
  const bot = join(config, 'bot.yaml');
  // The push hook would start the release before the clock does.
  const quiet = { webhooks: {}, poll: '0s', queue: process.env.BAKERY_TEST_REDIS_URL };
  writeFileSync(bot, stringify({ ...parse(readFileSync(bot, 'utf8')), ...quiet }));
}
