import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { checkSlack, neededScopes, optionalScopes, type SlackCheck } from '../../src/bot/check-slack.ts';
import { shortcutIds } from '../../src/bot/shortcuts.ts';

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A Slack that answers the two methods of the check. */
async function slack(answers: Record<string, object>, scopes?: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const method = (request.url ?? '').slice('/api/'.length);
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(scopes === undefined ? {} : { 'x-oauth-scopes': scopes }),
    });
    response.end(JSON.stringify(answers[method] ?? { ok: false, error: 'unknown_method' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

const known = { ok: true, user: 'bakery', team: 'Acme', team_id: 'T1' };
const all = Object.keys({ ...neededScopes, ...optionalScopes }).join(',');

async function check(over: Partial<SlackCheck>): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await checkSlack({
    mode: 'http',
    botToken: 'xoxb-hush',
    print: (line) => lines.push(line),
    ...over,
  });
  expect(lines.join('\n')).not.toContain('hush');
  return { code, lines };
}

describe('bakery check slack', () => {
  it('tells a token of another workspace than bot.yaml names', async () => {
    const apiUrl = await slack({ 'auth.test': known }, all);
    expect((await check({ apiUrl, team: 'T1' })).code).toBe(0);
    const { code, lines } = await check({ apiUrl, team: 'T2' });
    expect(code).toBe(1);
    expect(lines[1]).toBe(
      "It is not the workspace T2 that bot.yaml names: take that one's token, or correct its id.",
    );
  });

  it('says who the bot is and that it may do all it needs', async () => {
    const { code, lines } = await check({ apiUrl: await slack({ 'auth.test': known }, all) });
    expect(code).toBe(0);
    expect(lines.slice(0, 2)).toEqual([
      'Bot token: bakery in Acme (T1).',
      'Scopes: all 5 that Bakery cannot do without are granted.',
    ]);
  });

  it('names each missing scope with what it is for, and those that are too many', async () => {
    const apiUrl = await slack({ 'auth.test': known }, 'commands,chat:write,channels:read');
    const { code, lines } = await check({ apiUrl });
    expect(code).toBe(1);
    expect(lines[1]).toBe(
      'Scope users:read is missing: it is needed to tell members from guests and bots before they may do anything. Add it under OAuth & Permissions, then reinstall the app.',
    );
    expect(lines[2]).toContain('Scope usergroups:read is missing');
    expect(lines[3]).toContain('Scope users:read.email is missing');
    expect(lines[4]).toBe(
      "Optional scope files:write is not granted: it is used to put a picture of each deployment into its card's thread; without it that is left out.",
    );
    expect(lines[5]).toContain('Optional scope channels:history is not granted');
    expect(lines[6]).toContain('Optional scope groups:history is not granted');
    expect(lines[7]).toBe('Scopes that Bakery does not need: channels:read.');
  });

  it('says when Slack does not tell the scopes', async () => {
    const { code, lines } = await check({ apiUrl: await slack({ 'auth.test': known }) });
    expect([code, lines[1]]).toEqual([1, expect.stringContaining('Slack did not say')]);
  });

  it('says what to do about a token that Slack does not accept', async () => {
    const apiUrl = await slack({ 'auth.test': { ok: false, error: 'invalid_auth' } });
    const { code, lines } = await check({ apiUrl });
    expect(code).toBe(1);
    expect(lines[0]).toContain('Slack does not accept it (invalid_auth)');
  });

  it('checks the app token in mode socket', async () => {
    const good = await slack(
      { 'auth.test': known, 'apps.connections.open': { ok: true, url: 'wss://x' } },
      all,
    );
    expect((await check({ mode: 'socket', appToken: 'xapp-hush', apiUrl: good })).code).toBe(0);
    expect((await check({ mode: 'socket', apiUrl: good })).lines.at(-1)).toContain('mode socket needs one');
    const bad = await slack(
      {
        'auth.test': known,
        'apps.connections.open': { ok: false, error: 'missing_scope', needed: 'connections:write' },
      },
      all,
    );
    const { code, lines } = await check({ mode: 'socket', appToken: 'xapp-hush', apiUrl: bad });
    expect([code, lines.at(-1)]).toEqual([
      1,
      expect.stringContaining('a scope is missing (connections:write)'),
    ]);
  });

  it('says when Slack cannot be reached', async () => {
    const { code, lines } = await check({ apiUrl: 'http://127.0.0.1:1/api/' });
    expect([code, lines[0]]).toEqual([1, expect.stringContaining('Slack cannot be reached')]);
  });
});

describe('the app manifest', () => {
  const text = readFileSync(new URL('../../deploy/slack-manifest.json', import.meta.url), 'utf8');
  const manifest = JSON.parse(text);

  it('asks for the scopes that the check asks for, and no others', () => {
    expect(manifest.oauth_config.scopes).toEqual({
      bot: [...Object.keys(neededScopes), ...Object.keys(optionalScopes)],
      bot_optional: Object.keys(optionalScopes),
    });
  });

  it('offers every shortcut that Bakery answers', () => {
    expect(manifest.features.shortcuts.map(({ callback_id: id }: { callback_id: string }) => id)).toEqual([
      ...shortcutIds,
    ]);
  });

  it("has the two commands, interactivity, the one event, and Slack's lengths", () => {
    expect(manifest.features.slash_commands.map(({ command }: { command: string }) => command)).toEqual([
      '/bake',
      '/rollback',
    ]);
    expect(manifest.settings.event_subscriptions).toEqual({ bot_events: ['app_home_opened'] });
    expect(manifest.settings).toMatchObject({
      socket_mode_enabled: true,
      interactivity: { is_enabled: true },
    });
    const { name, description, long_description } = manifest.display_information;
    expect([name.length <= 35, description.length <= 140, long_description.length >= 175]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
