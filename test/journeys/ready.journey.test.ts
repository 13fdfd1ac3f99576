import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { secretsOf, writeConfiguration } from '../../src/demo/configuration.ts';
import { channels, people, team } from '../../src/demo/people.ts';
import { placeAt } from '../../src/demo/place.ts';
import { makeRepository } from '../../src/demo/repository.ts';
import { startBakery } from '../../src/main.ts';
import { startSlackSimulator } from '../../src/slack-simulator/index.ts';
import { until } from '../support/wait-for.ts';

afterEach(() => vi.unstubAllEnvs());

/** A whole bot in this process, over Socket Mode, with an address to ask whether it is ready. */
async function wholeBot() {
  const root = mkdtempSync(join(tmpdir(), 'bakery-ready-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const place = await placeAt(root);
  makeRepository(place);
  const slack = await startSlackSimulator({
    people,
    channels,
    installation: { teamId: team },
    signingSecret: place.secrets.signing,
    botToken: place.secrets.bot,
    appToken: place.secrets.app,
    delivery: { kind: 'socket' },
  });
  onTestFinished(() => slack.close());
  writeConfiguration(place, slack.url);
  const file = join(place.config, 'bot.yaml');
  const overSocket = 'mode: socket\n  appToken: env:BAKERY_SLACK_APP_TOKEN';
  writeFileSync(file, readFileSync(file, 'utf8').replace('mode: http', overSocket));
  const env = { ...secretsOf(place), BAKERY_SLACK_APP_TOKEN: place.secrets.app };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const loading = await loadConfig(place.config);
  if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
  const bakery = await startBakery(loading.config, { bot: true, worker: false }, pino({ level: 'silent' }));
  onTestFinished(() => bakery.stop());
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${place.ports.http}/readyz`);
    return { status: answer.status, says: await answer.text() };
  };
  return { slack, ready, place };
}

it('/readyz says 503 and why while the socket is half open, and 200 when the next one is', async () => {
  const { slack, ready } = await wholeBot();
  const becomes = async (status: number): Promise<string> => {
    let last = await ready();
    const look = setInterval(async () => {
      last = await ready();
    }, 100);
    await until(`${status}`, () => last.status === status, 20_000).finally(() => clearInterval(look));
    return last.says;
  };
  await becomes(200);
  slack.silenceSockets();
  const said = JSON.parse(await becomes(503));
  expect(said.checks.find(({ name }: { name: string }) => name === 'slack')).toMatchObject({
    ok: false,
    sentence: expect.stringContaining('socket'),
  });
  await becomes(200);
}, 90_000);

it('a file that changes is in force within seconds, and a wrong one is said, while the bot stays ready', async () => {
  const { slack, ready, place } = await wholeBot();
  const file = join(place.config, 'services', 'hello.yaml');
  const before = readFileSync(file, 'utf8');
  const [channel = ''] = channels.map(({ name }) => name);
  const says = (words: string) => slack.messages(channel).some(({ text }) => text.includes(words));
  writeFileSync(file, `${before}\n# looked through\n`);
  await until('the change', () => says('and are in force'), 20_000);
  writeFileSync(file, `${before}\nnonsense: true\n`);
  await until('the complaint', () => says('they are not right'), 20_000);
  expect((await ready()).status).toBe(200);
}, 90_000);
