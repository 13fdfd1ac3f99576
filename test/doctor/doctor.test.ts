import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { embeddedBalancer } from '../../src/balancers/embedded/index.ts';
import { neededScopes } from '../../src/bot/check-slack.ts';
import { doctor } from '../../src/cli/doctor.ts';
import { backupLedger } from '../../src/ledger/backup.ts';
import { openLedgerFile, takeCoordinatorLock } from '../../src/ledger/database.ts';
import { noteBackup } from '../../src/ledger/examine.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A Slack that knows the bot's token, and whose clock may be wrong. */
async function slack(answer: object, date = new Date().toUTCString()): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.sendDate = false;
    response.writeHead(200, {
      date,
      'content-type': 'application/json',
      'x-oauth-scopes': Object.keys(neededScopes).join(','),
    });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
}

const known = { ok: true, user: 'bakery', team: 'Acme', team_id: 'T1' };

interface Installation {
  dir: string;
  data: string;
  token: string;
}

/** An installation that has run once and is in order, on this machine. */
async function installation(apiUrl: string, queue = 'embedded'): Promise<Installation> {
  const dir = tempFolder();
  const [data, token] = [join(dir, 'data'), join(dir, 'token')];
  writeFileSync(token, 'xoxb-hush', { mode: 0o600 });
  const service = [
    'repository: /srv/git/hello.git',
    'provider: machine',
    "people: { bake: ['*'], approve: ['T1/U1'], rollback: ['*'], retire: ['*'] }",
    'defaults: { balancer: front }',
    'environments: { dev: { port: 7001 } }',
  ];
  const bot = [
    'name: test',
    'data: data',
    `queue: ${queue}`,
    'http: { port: 1 }',
    `slack: { mode: http, botToken: 'file:${token}', signingSecret: 'file:${token}', defaultChannel: C001, apiUrl: '${apiUrl}' }`,
    'providers: { machine: { kind: local, root: machine } }',
    'balancers: { front: { kind: embedded, dataDir: front } }',
  ];
  mkdirSync(join(dir, 'services'));
  writeFileSync(join(dir, 'services/hello.yaml'), service.join('\n'));
  writeFileSync(join(dir, 'bot.yaml'), bot.join('\n'));
  openLedgerFile(data).close();
  await backupLedger(data, join(dir, 'copy'));
  noteBackup(data, { at: Date.now(), file: join(dir, 'copy') });
  return { dir, data, token };
}

async function balancerOf({ dir }: Installation): Promise<void> {
  const balancer = embeddedBalancer({ dataDir: join(dir, 'front') });
  await balancer.ensure();
  onTestFinished(() => balancer.stop());
}

async function told(dir: string, workerOnly = false): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await doctor(dir, (line) => lines.push(line), workerOnly);
  const text = lines.join('\n');
  expect(text).not.toContain('hush');
  return { code, text };
}

describe('bakery doctor', () => {
  it('finds nothing wrong with an installation that is in order', async () => {
    const made = await installation(await slack(known));
    await balancerOf(made);
    const { code, text } = await told(made.dir);
    expect(text.match(/^(WRONG|advice).*$/gm)).toEqual([
      expect.stringMatching(/^advice No bot answers at http:\/\/127\.0\.0\.1:1\/readyz\.$/),
    ]);
    expect(code).toBe(0);
    expect(text).toContain('ok     The ledger is whole: 0 events fit their chain.');
    expect(text).toContain('ok     Bot token: bakery in Acme (T1).');
    expect(text).toMatch(/ok {5}git is here: git version /);
    expect(text).toMatch(/\n\d+ as it should be, 1 to think about, 0 wrong\.$/);
  });

  it('says each thing that is wrong, why it matters and what to do', async () => {
    const made = await installation(await slack({ ok: false, error: 'invalid_auth' }));
    chmodSync(made.token, 0o644);
    chmodSync(made.data, 0o755);
    chmodSync(join(made.dir, 'bot.yaml'), 0o666);
    const { code, text } = await told(made.dir);
    expect(code).toBe(1);
    for (const what of [
      `WRONG  ${join(made.dir, 'bot.yaml')} can be written by every account`,
      `WRONG  The secret in ${made.token} is open to every account`,
      `WRONG  ${made.data} is open to every account`,
      'WRONG  Bot token: Slack does not accept it (invalid_auth)',
      'WRONG  No process of the balancer front answers.',
    ])
      expect(text).toContain(what);
    expect(text).toContain(`       chmod 0600 ${made.token}`);
    expect(text).toMatch(/5 wrong\. This installation needs somebody\.$/);
  });

  it('changes nothing, also while a coordinator holds the ledger', async () => {
    const made = await installation(await slack(known));
    await balancerOf(made);
    const lock = takeCoordinatorLock(made.data);
    const open = openLedgerFile(made.data);
    const before = open.sqlite.pragma('data_version', { simple: true });
    expect((await told(made.dir)).code).toBe(0);
    expect(open.sqlite.pragma('data_version', { simple: true })).toBe(before);
    expect(takeCoordinatorLock(made.data)).toBeUndefined();
    open.close();
    lock?.release();
  });

  it('sees a ledger of a newer version, one that was tampered with, and one that is gone', async () => {
    const made = await installation(await slack(known));
    const file = join(made.data, 'ledger.sqlite');
    const alter = (sql: string): void => {
      const db = new Database(file);
      db.exec(sql);
      db.close();
    };
    alter(
      "INSERT INTO events (seq, stream, version, type, shape, body, actor, at, hash) VALUES (1, 's', 1, 'x', 1, '{}', 'y', 1, 'z')",
    );
    expect((await told(made.dir)).text).toMatch(
      /WRONG {2}\d+ things of the ledger do not fit its chain\. The first: Event 1 /,
    );
    alter('UPDATE __drizzle_migrations SET created_at = created_at + 1');
    expect((await told(made.dir)).text).toContain('WRONG  The ledger was written by a newer Bakery');
    alter('DELETE FROM __drizzle_migrations WHERE created_at > 1');
    expect((await told(made.dir)).text).toContain('advice The ledger is of an earlier Bakery');
    writeFileSync(file, 'this is no database, and never was one '.repeat(200));
    expect((await told(made.dir)).text).toContain('WRONG  The ledger could not be looked at');
    rmSync(made.data, { recursive: true });
    expect((await told(made.dir)).text).toContain(`WRONG  The data directory ${made.data} is not there.`);
  });

  it('sees a clock that is not Slack’s, and a queue that does not answer', async () => {
    const old = new Date(Date.now() - 600_000).toUTCString();
    const made = await installation(await slack(known, old), 'redis://127.0.0.1:1/0');
    const { code, text } = await told(made.dir);
    expect(code).toBe(1);
    expect(text).toMatch(/WRONG {2}This machine's clock is (599|600|601) s ahead of Slack's\./);
    expect(text).toMatch(/WRONG {2}The queue does not answer: Redis cannot be asked \(.*\)\./);
  });

  it('asks a machine that has a worker alone for neither ledger nor Slack, and for the store', async () => {
    const made = await installation('http://127.0.0.1:1');
    await balancerOf(made);
    rmSync(made.data, { recursive: true });
    rmSync(made.token);
    const without = await told(made.dir, true);
    expect(without.text).not.toMatch(/ledger is|Bot token|readyz/);
    expect(without.text).toContain(`WRONG  The store ${join(made.data, 'store')} is not there.`);
    mkdirSync(join(made.data, 'store'), { recursive: true });
    expect((await told(made.dir, true)).code).toBe(0);
  });

  it('names the lines of a configuration that is wrong, and looks no further', async () => {
    const made = await installation('http://127.0.0.1:1');
    writeFileSync(join(made.dir, 'services/hello.yaml'), 'repository: 7\n');
    const { code, text } = await told(made.dir);
    expect(code).toBe(1);
    expect(text).toContain('WRONG  services/hello.yaml:1: ');
    expect(text).not.toContain('Slack');
  });
});
