import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { secretsOf, writeConfiguration } from '../../src/demo/configuration.ts';
import { ada, channels, deploys, people, team } from '../../src/demo/people.ts';
import { placeAt } from '../../src/demo/place.ts';
import { makeRepository } from '../../src/demo/repository.ts';
import { askSlack } from '../../src/doctor/ask-slack.ts';
import { startBakery } from '../../src/main.ts';
import { startSlackSimulator } from '../../src/slack-simulator/index.ts';
import { readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';

afterEach(() => vi.unstubAllEnvs());

const manifest = JSON.parse(
  readFileSync(new URL('../../deploy/slack-manifest.json', import.meta.url), 'utf8'),
);
const scopes: string[] = manifest.oauth_config.scopes.bot;
const partnerSecrets = {
  signingSecret: 'of the partner',
  botToken: 'xoxb-partner',
  appToken: 'xapp-partner',
};
const partnerTeam = 'T0PARTNER1';

/** A whole Bakery by its files: one workspace that calls over HTTP, and one over a socket. */
async function bakeryOfTwo() {
  const root = mkdtempSync(join(tmpdir(), 'bakery-two-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const place = await placeAt(root);
  makeRepository(place);
  const acme = await startSlackSimulator({
    people,
    channels,
    scopes,
    installation: { teamId: team },
    signingSecret: place.secrets.signing,
    botToken: place.secrets.bot,
    appToken: place.secrets.app,
    delivery: { kind: 'http', url: `http://127.0.0.1:${place.ports.slack}/slack/events` },
  });
  onTestFinished(() => acme.close());
  const partner = await startSlackSimulator({
    ...partnerSecrets,
    people,
    channels,
    scopes,
    installation: { teamId: partnerTeam },
    delivery: { kind: 'socket' },
  });
  onTestFinished(() => partner.close());
  writeConfiguration(place, acme.url);
  const file = join(place.config, 'bot.yaml');
  const bot = parse(readFileSync(file, 'utf8'));
  bot.slack = [
    { name: 'acme', team, ...bot.slack },
    {
      name: 'partner',
      team: partnerTeam,
      mode: 'socket',
      botToken: 'env:PARTNER_BOT',
      appToken: 'env:PARTNER_APP',
      apiUrl: partner.apiUrl,
      defaultChannel: deploys.id,
    },
  ];
  writeFileSync(file, stringify(bot));
  const env = {
    ...secretsOf(place),
    PARTNER_BOT: partnerSecrets.botToken,
    PARTNER_APP: partnerSecrets.appToken,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const loading = await loadConfig(place.config);
  if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
  const bakery = await startBakery(loading.config, { bot: true, worker: false }, pino({ level: 'silent' }));
  onTestFinished(() => bakery.stop());
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${place.ports.http}/readyz`);
    const { checks } = JSON.parse(await answer.text());
    const of = (name: string): string =>
      checks.find((check: { name: string }) => check.name === name)?.sentence ?? 'It is not there.';
    return { status: answer.status, acme: of('slack acme'), partner: of('slack partner') };
  };
  return { acme, partner, ready, config: loading.config };
}

it('/readyz shows each workspace, and one that is away leaves Bakery ready for the others', async () => {
  const { acme, partner, ready, config } = await bakeryOfTwo();
  const becomes = async (what: string, holds: (now: Awaited<ReturnType<typeof ready>>) => boolean) => {
    let last = await ready();
    const look = setInterval(async () => {
      last = await ready();
    }, 100);
    await until(what, () => holds(last), 20_000).finally(() => clearInterval(look));
    return last;
  };
  await becomes('both', (now) => now.acme === 'Fine.' && now.partner === 'Fine.');
  await partner.as(ada.id).command('/bake', 'status', '#deploys');
  await until('an answer there', () => partner.ephemerals(ada.id).length === 1);
  await partner.as(ada.id).command('/bake', 'hello', '#deploys');
  await until('the refusal', () => partner.ephemerals(ada.id).length === 2);
  expect(readable(partner.ephemerals(ada.id)[1] ?? {})).toContain('belongs to the Slack workspace acme');

  const lines: string[] = [];
  for (const one of config.slack) expect(await askSlack(one, (line) => lines.push(line))).toBe(0);
  expect(lines.filter((line) => line.includes('Bot token'))).toEqual([
    expect.stringMatching(/^acme: Bot token: .* \(T/),
    expect.stringMatching(/^partner: Bot token: .* \(T0PARTNER1\)/),
  ]);

  partner.silenceSockets();
  const away = await becomes('its being noticed', (now) => now.partner !== 'Fine.');
  expect(away).toMatchObject({
    status: 200,
    acme: 'Fine.',
    partner: 'Away: The socket to Slack is not connected. The other workspaces are served.',
  });
  await acme.as(ada.id).command('/bake', 'status hello', '#deploys');
  await until('an answer meanwhile', () => acme.ephemerals(ada.id).length === 1);
  await becomes('its being back', (now) => now.partner === 'Fine.');
}, 90_000);
