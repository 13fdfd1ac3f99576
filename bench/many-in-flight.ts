import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { openLedgerFile } from '../src/ledger/database.ts';
import { openQueue } from '../src/queue/open-queue.ts';
import { eventually } from '../test/support/eventually.ts';
import { startFakeSlack } from '../test/support/fake-slack.ts';
import { freePort } from '../test/support/free-port.ts';
import { type SmallCloud, workOf } from '../test/support/small-cloud.ts';
import { atMost, type Figure, quantile, seen } from './figure.ts';
import { wholeMegabytes } from './processes.ts';

/** One release of each: a newer one of the same service would overtake the one that waits. */
const releases = 1_000;
/** A repository serves this many services, as in a company with some monorepos. */
const servicesOfOne = 10;
/** So that no person meets the limit of commands that one may give. */
const people = 100;
/** Slash commands a second while the releases begin, and afterwards. */
const perSecond = 20;
const signing = 'a signing secret of the benchmark';
const redis = process.env.BAKERY_TEST_REDIS_URL ?? '';
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The bot alone, on Redis, with a thousand releases in flight that nearly all wait for a person. */
export async function manyInFlight(): Promise<Figure[]> {
  const root = mkdtempSync(join(tmpdir(), 'bakery-bench-'));
  const slack = await startFakeSlack();
  const ports = { slack: await freePort(), http: await freePort() };
  const shas = Array.from({ length: releases / servicesOfOne }, (_, number) => repository(root, number));
  for (let count = 0; count < people; count++) slack.users.set(`UBENCH${count}`, { team_id: 'T1' });
  configuration(root, slack.url, ports);
  const worker = await doesNothing();
  const log = openSync(join(root, 'bot.log'), 'a');
  const bot = spawn(process.execPath, [cli, 'bot', '--config', join(root, 'config')], {
    stdio: ['ignore', log, log],
    env: { ...process.env, BENCH_SECRET: signing },
  });
  try {
    await eventually('the bot is ready', 60_000, async () => (await readyAt(ports.http)) === 200);
    const say = slashCommands(ports.slack, slack.responseUrl);
    const acks = await spread(releases, (count) => say(`service-${count} ${shas[count % shas.length]}`));
    const ledger = openLedgerFile(join(root, 'data'));
    await eventually('all releases wait for a person', 300_000, () => waiting(ledger.sqlite) >= releases);
    const later = await spread(400, (count) => say(`status service-${count}`));
    const memory: number[] = [];
    for (let look = 0; look < 20; look++) {
      memory.push(wholeMegabytes(bot.pid ?? 0));
      await pause(500);
    }
    const inFlight = waiting(ledger.sqlite);
    ledger.close();
    return [
      atMost("the bot's memory, 1,000 releases in flight", Math.max(...memory), 300, 'MB'),
      atMost("a slash command's ack meanwhile, p99", quantile([...acks, ...later], 0.99), 200, 'ms'),
      seen("a slash command's ack, median", quantile([...acks, ...later], 0.5), 'ms'),
      seen('releases that wait for approval', inFlight, 'releases'),
    ];
  } finally {
    bot.kill('SIGTERM');
    await once(bot, 'exit');
    await worker();
    await slack.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Deployments whose question nobody has answered yet. */
const waiting = (sqlite: ReturnType<typeof openLedgerFile>['sqlite']): number =>
  Number(
    sqlite
      .prepare(
        "SELECT count(*) FROM deployments WHERE state = 'running' AND row ->> '$.wait.for' = 'approval'",
      )
      .pluck()
      .get(),
  );

const readyAt = async (port: number): Promise<number> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ status }) => status,
    () => 0,
  );

const repositoryAt = (root: string, number: number): string => join(root, `repository-${number}`);

/** A repository with one commit. */
function repository(root: string, number: number): string {
  const folder = repositoryAt(root, number);
  mkdirSync(folder);
  const git = (...argv: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.test', ...argv], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('commit', '--quiet', '--allow-empty', '-m', 'a change');
  return git('rev-parse', 'HEAD');
}

function configuration(root: string, slackUrl: string, ports: { slack: number; http: number }): void {
  const config = join(root, 'config');
  mkdirSync(join(config, 'services'), { recursive: true });
  const bot = {
    name: 'bench',
    data: join(root, 'data'),
    queue: redis,
    slack: {
      mode: 'http',
      port: ports.slack,
      botToken: 'env:BENCH_SECRET',
      signingSecret: 'env:BENCH_SECRET',
      apiUrl: slackUrl,
      defaultChannel: 'C0BENCH',
    },
    http: { port: ports.http },
    poll: '0s',
    providers: { local: { kind: 'local', root: join(root, 'local'), allowProduction: true } },
    balancers: { embedded: { kind: 'embedded', dataDir: join(root, 'balancer') } },
  };
  writeFileSync(join(config, 'bot.yaml'), stringify(bot));
  for (let count = 0; count < releases; count++) {
    writeFileSync(join(config, 'services', `service-${count}.yaml`), stringify(service(root, count)));
  }
}

const service = (root: string, count: number) => ({
  repository: repositoryAt(root, count % (releases / servicesOfOne)),
  branch: 'main',
  channel: `C0BENCH${String(count).padStart(4, '0')}`,
  provider: 'local',
  people: { bake: ['*'], approve: ['T1/UANN'], rollback: ['T1/UANN'], retire: ['T1/UANN'] },
  defaults: { provider: 'local', balancer: 'embedded', count: 1 },
  verify: { settings: { GREETING: 'hello' } },
  environments: {
    production: {
      port: 20_000 + count,
      production: true,
      promotion: 'approval',
      approvals: 1,
      settings: { GREETING: 'hello' },
      hosts: [`service-${count}.example.test`],
    },
  },
});

/** A worker in this process whose tasks take no time. Resolves to how to end it. */
async function doesNothing(): Promise<() => Promise<void>> {
  const backend = await openQueue(redis, { prefix: 'bakery-bench' });
  const cloud: SmallCloud = {
    now: 0,
    running: new Set(),
    weights: new Map(),
    bakes: [],
    unwell: new Set(),
    marks: new Map(),
    images: new Map(),
    lostImages: new Set(),
  };
  await backend.worker(async (attempt) => workOf({ ...cloud, now: Date.now() }, attempt), {
    concurrency: 16,
    name: 'bench',
  });
  return () => backend.close();
}

/** Calls at an even rate, whatever each takes. Resolves to how many milliseconds each took. */
async function spread(count: number, call: (count: number) => Promise<number>): Promise<number[]> {
  const calls: Promise<number>[] = [];
  for (let number = 0; number < count; number++) {
    calls.push(call(number));
    await pause(1000 / perSecond);
  }
  return Promise.all(calls);
}

/** Sends `/bake …` as Slack does, signed, and tells after how many milliseconds it was acknowledged. */
function slashCommands(port: number, responseUrl: string) {
  let trigger = 0;
  return async (text: string): Promise<number> => {
    const body = new URLSearchParams({
      command: '/bake',
      text,
      team_id: 'T1',
      user_id: `UBENCH${trigger % people}`,
      channel_id: 'C0BENCH',
      trigger_id: `trigger-${trigger++}`,
      response_url: responseUrl,
    }).toString();
    const stamp = String(Math.floor(Date.now() / 1000));
    const digest = createHmac('sha256', signing).update(`v0:${stamp}:${body}`).digest('hex');
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': stamp,
        'x-slack-signature': `v0=${digest}`,
      },
    });
    if (!answer.ok) throw new Error(`the bot answered ${answer.status}`);
    return performance.now() - began;
  };
}
