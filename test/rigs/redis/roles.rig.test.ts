import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slackPath } from '../../../src/bot/doors.ts';
import { secretsOf, writeConfiguration } from '../../../src/demo/configuration.ts';
import { ada, channels, people, team } from '../../../src/demo/people.ts';
import { type Place, placeAt } from '../../../src/demo/place.ts';
import { commitAll, makeRepository } from '../../../src/demo/repository.ts';
import { wordsOf } from '../../../src/demo/story-teller.ts';
import { tearDown } from '../../../src/demo/teardown.ts';
import { type SlackSimulator, startSlackSimulator } from '../../../src/slack-simulator/index.ts';
import { until } from '../../support/until.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'bakery-roles-'));
const running = new Set<ChildProcess>();
let place: Place;
let slack: SlackSimulator;

beforeAll(async () => {
  const redis = process.env.BAKERY_TEST_REDIS_URL;
  if (redis === undefined) throw new Error('BAKERY_TEST_REDIS_URL is not set. Run: npm run test:rigs redis');
  place = await placeAt(root);
  makeRepository(place);
  // A compile that takes long enough to be killed in the middle.
  appendFileSync(
    join(place.work, 'scripts/check.js'),
    '\nawait new Promise((resolve) => setTimeout(resolve, 4000));\n',
  );
  const { ports, secrets } = place;
  slack = await startSlackSimulator({
    people,
    channels,
    installation: { teamId: team },
    signingSecret: secrets.signing,
    botToken: secrets.bot,
    appToken: secrets.app,
    delivery: { kind: 'http', url: `http://127.0.0.1:${ports.slack}${slackPath}` },
  });
  writeConfiguration(place, slack.url);
  const file = join(place.config, 'bot.yaml');
  const name = `roles-${randomBytes(4).toString('hex')}`;
  const text = readFileSync(file, 'utf8').replace('name: demo', `name: ${name}`);
  writeFileSync(file, text.replace('queue: embedded', 'queue: { env: BAKERY_QUEUE }'));
  start('bot', redis);
  await until(
    'the bot is ready',
    async () => (await fetch(`http://127.0.0.1:${ports.http}/readyz`).catch(() => undefined))?.ok,
    30_000,
  );
}, 60_000);

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await tearDown(place);
  await slack.close();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

function start(role: 'bot' | 'worker', redis: string): ChildProcess {
  const env = { ...process.env, ...secretsOf(place), BAKERY_QUEUE: redis };
  const child = spawn(process.execPath, [cli, role, '--config', place.config], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Whether a worker's keeper keeps a command just now. */
function isBuilding({ pid }: ChildProcess): boolean {
  const listing = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' });
  const lines = listing.split('\n').map((line) => line.trim().split(/\s+/));
  const keeper = lines.find(
    ([, parent, ...args]) => parent === `${pid}` && args.join(' ').includes('keeper'),
  );
  return keeper !== undefined && lines.some(([, parent]) => parent === keeper[0]);
}

const cards = (): string => slack.messages('#deploys').map(wordsOf).join('\n');

describe('a bot and two workers as processes of their own, on Redis', () => {
  it('finish a release although the worker that builds it is killed with -9', async () => {
    const redis = process.env.BAKERY_TEST_REDIS_URL ?? '';
    const workers = [start('worker', redis), start('worker', redis)];
    commitAll(place, 'Check slowly');
    const builder = await until('a worker builds', () => workers.find(isBuilding), 30_000);
    builder.kill('SIGKILL');
    const killedAt = Date.now();
    const other = workers.find((worker) => worker !== builder);
    if (other === undefined) throw new Error('there is only one worker');
    await until('the other worker builds', () => isBuilding(other), 20_000);
    expect(Date.now() - killedAt).toBeLessThan(15_000);
    await until('the release waits for approval', () => /waits for approval/.test(cards()), 60_000);
    expect(cards()).toContain('10 of 10 tests passed');
    const card = slack.messages('#deploys').find((message) => wordsOf(message).includes('Approve'));
    if (card === undefined) throw new Error('no card offers Approve');
    await slack.as(ada.id).click(card, 'approve');
    await until('it is live in production', () => /live in production/.test(cards()), 30_000);
    const answer: { version: string } = await (
      await fetch(`http://127.0.0.1:${place.ports.production}/`)
    ).json();
    expect(answer.version).toBe('v1');
  }, 180_000);
});
