import { rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { filesAtStart, LiveFiles, takesFiles } from '../../src/composition/coordinator-files.ts';
import { FilesInForce } from '../../src/composition/in-force.ts';
import { startWorker } from '../../src/composition/worker.ts';
import { loadConfig } from '../../src/config/load.ts';
import { events } from '../../src/ledger/schema.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import type { QueueBackend, RunAttempt } from '../../src/pipeline/task-queue.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { folderWith } from '../config/installation.ts';
import { CoreWorld } from '../support/core-world.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { bob } from '../support/policies.ts';
import { realBot } from '../support/real-bot.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/wait-for.ts';

const log = pino({ level: 'silent' });
const botFile = `name: test
data: data
slack: { mode: http, botToken: env:BOT, signingSecret: env:SIGN, defaultChannel: C001 }
providers:
  machine: { kind: local, root: machine, allowProduction: true }
balancers:
  front: { kind: haproxy, socket: /run/none.sock, stateDir: state }
`;
const serviceFile = `repository: /srv/git/hello.git
provider: machine
people: { bake: ['*'], approve: ['T1/UADA', 'T1/UBOB'], rollback: ['*'], retire: ['*'] }
verify: { settings: { GREETING: verify } }
defaults: { balancer: front, selfApproval: true, soak: 10s, retireAfter: 1h }
environments:
  dev: { port: 7001, settings: { GREETING: dev } }
  production: { port: 7002, production: true, settings: { GREETING: live } }
`;

let slack: FakeSlack;
beforeEach(async () => {
  slack = await startFakeSlack();
  for (const user of ['UADA', 'UBOB']) slack.users.set(user, { team_id: 'T1' });
});
afterEach(() => slack.close());

async function load(dir: string) {
  const loading = await loadConfig(dir, {});
  if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
  return loading.config;
}

/** The real core, bot and ledger, which live by files in a folder. */
async function installed() {
  const dir = folderWith({ 'bot.yaml': botFile, 'services/hello.yaml': serviceFile });
  const config = await load(dir);
  const live = new LiveFiles(config);
  const world = new CoreWorld();
  Object.assign(world.parts, { policies: live.policies });
  const real = await realBot(world, slack);
  onTestFinished(() => real.stop());
  const metrics = createMetrics();
  const files = new FilesInForce(config, { log, metrics });
  const engine = { files: world.deciding.files.bind(world.deciding) };
  const byFiles = { dir, live, engine, query: real.pipeline.query };
  await filesAtStart(byFiles);
  await files.add(takesFiles(byFiles), config);
  const write = (text: string, name = 'services/hello.yaml') => writeFileSync(join(dir, name), text);
  const stored = () =>
    world.file.db
      .select()
      .from(events)
      .orderBy(events.seq)
      .all()
      .map(({ shape, body, actor }) => ({ event: upcast(shape, body), actor: JSON.parse(actor) }))
      .filter(({ event }) => event.type.startsWith('Files'));
  const posted = (words: string) => slack.messages.find(({ text }) => text.includes(words));
  const problems = async () =>
    (await metrics.registry.getSingleMetricAsString('bakery_files_problems')).split(' ').at(-1);
  return { world, real, files, write, stored, posted, problems };
}

describe('a changed file', () => {
  it('counts for the next decision without a start, and stands in the chain with digest and account', async () => {
    const { world, files, write, stored, posted, real } = await installed();
    await world.push('one');
    await world.run(30_000);
    const id = 'hello.production.1';
    write(serviceFile.replace("'T1/UADA', 'T1/UBOB'", "'T1/UADA'"));
    await files.look(true);
    expect(await world.approve(id, bob)).toMatchObject({ refused: 'not allowed' });
    expect(await world.approve(id)).toMatchObject({ accepted: true });
    const account = userInfo().username;
    expect(stored().map(({ actor }) => actor)).toEqual([
      { kind: 'files', account },
      { kind: 'files', account },
    ]);
    const [first, second] = stored().map(({ event }) => event);
    expect(first).toMatchObject({ type: 'FilesTaken', atStart: true });
    expect(second).toMatchObject({ type: 'FilesTaken', gone: [], restart: [] });
    if (second?.type !== 'FilesTaken') throw new Error('it was not taken');
    expect(Object.keys(second.changed)).toEqual(['services/hello.yaml']);
    real.bot.wake();
    await until('the notice', () => posted('services/hello.yaml') !== undefined);
    expect(posted('services/hello.yaml')?.text).toContain(`were changed by the account ${account}`);
  });

  it('brings a new service, and one that is gone is left alone as it is', async () => {
    const { world, files, write, real } = await installed();
    await world.push('one');
    await world.run(30_000);
    await world.approve('hello.production.1');
    await world.run(60_000);
    write(serviceFile.replaceAll('700', '800'), 'services/second.yaml');
    await files.look(true);
    expect(real.pipeline.query.services()).toEqual(['hello', 'second']);
    const running = [...world.running];
    write(serviceFile.replaceAll('700', '900'), 'services/third.yaml');
    rmSync(join(files.config.dir, 'services/hello.yaml'));
    await files.look(true);
    expect(real.pipeline.query.services()).toEqual(['second', 'third']);
    await world.upkeep(300_000);
    expect([...world.running]).toEqual(running);
  });

  it('that is wrong changes nothing, and is said in the channel, by status and as a number', async () => {
    const { world, files, write, stored, posted, problems, real } = await installed();
    write(serviceFile.replace('provider: machine', 'provider: nowhere').replace(", 'T1/UBOB'", ''));
    await files.look(true);
    expect(world.parts.policies.get('hello')?.people.approve).toContain('T1/UBOB');
    expect(stored().at(-1)?.event).toMatchObject({ type: 'FilesRefused', count: 1 });
    expect(await problems()).toBe('1');
    real.bot.wake();
    await until('the notice', () => posted('they are not right') !== undefined);
    expect(posted('they are not right')?.text).toContain('services/hello.yaml:2:');
    expect(JSON.stringify(await status(real))).toContain('services/hello.yaml:2:');
    write(serviceFile);
    await files.look(true);
    expect(await problems()).toBe('0');
    expect(JSON.stringify(await status(real))).not.toContain('not right');
  });

  it('that takes a service away waits until nothing of it is under way', async () => {
    const { world, files, write, real } = await installed();
    await world.push('one');
    await world.run(30_000);
    write(serviceFile.replaceAll('700', '800'), 'services/second.yaml');
    write(serviceFile.replace(/ {2}production.*\n/, ''));
    await files.look(true);
    expect(await status(real)).toContain('while v1 is under way');
    expect(real.pipeline.query.services()).toEqual(['hello']);
    await world.approve('hello.production.1');
    await world.run(2 * 3_600_000);
    await files.look();
    expect(real.pipeline.query.services()).toEqual(['hello', 'second']);
    expect(real.pipeline.query.policy('hello')?.environments.map(({ name }) => name)).toEqual(['dev']);
  });

  it('that puts a service into a workspace which is not served yet waits for a start', async () => {
    const { files, write, real } = await installed();
    const named =
      '{ name: acme, team: T1, mode: http, botToken: env:BOT, signingSecret: env:SIGN, defaultChannel: C001 }';
    write(botFile.replace(/slack: .*/, `slack: [${named}]`), 'bot.yaml');
    await files.look(true);
    expect(await status(real)).toContain(
      'This puts hello into the workspace acme, which Bakery serves after its next start',
    );
    expect(real.pipeline.query.policy('hello')?.workspace).toBeUndefined();
    write(botFile, 'bot.yaml');
    await files.look(true);
    expect(await status(real)).not.toContain('next start');
  });

  it('says which parts of bot.yaml take a start, and takes the rest', async () => {
    const { files, write, stored, real } = await installed();
    write(
      botFile.replace('env:BOT', 'env:OTHER').replace('data: data', 'data: other\nadmins: [T1/UADA]'),
      'bot.yaml',
    );
    await files.look(true);
    expect(stored().at(-1)?.event).toMatchObject({
      restart: ['data', 'store', 'queue', 'control', 'slack', 'worker'],
    });
    expect(files.config.admins).toEqual(['T1/UADA']);
    expect(await status(real)).toContain('Not in force before Bakery is started again');
  });
});

const status = async (real: Awaited<ReturnType<typeof realBot>>): Promise<string> => {
  const said = await real.bot.line('root', '/bake status');
  return said.text;
};

it('a worker of its own takes a new provider without a start, and keeps the others', async () => {
  const dir = folderWith({ 'bot.yaml': botFile, 'services/hello.yaml': serviceFile });
  const config = await load(dir);
  let run: RunAttempt | undefined;
  const backend: Pick<QueueBackend, 'worker'> = {
    worker: async (given) => {
      run = given;
      return { among: () => 1, close: async () => undefined };
    },
  };
  const metrics = createMetrics();
  const worker = await startWorker(config, backend, directoryStore(tempFolder()), {
    metrics,
    tracing: { run: (given) => given },
    log,
  });
  onTestFinished(worker.close);
  const files = new FilesInForce(config, { log, metrics });
  await files.add(worker.taker, config);
  const look = (provider: string) =>
    run?.(
      {
        effect: 'inventory',
        generation: 1,
        attempt: 1,
        kind: 'inventory',
        input: { provider, owner: 'o' },
        log: 'l',
        limit: 5_000,
      },
      { signal: new AbortController().signal, leaseLeft: () => 60_000, progress: () => undefined },
    );
  expect(await look('second')).toMatchObject({ is: 'failed', failure: { fault: 'denied' } });
  writeFileSync(
    join(dir, 'bot.yaml'),
    botFile.replace('balancers:', '  second: { kind: local, root: second }\nbalancers:'),
  );
  await files.look(true);
  expect(await look('second')).toMatchObject({ is: 'done' });
  expect(await look('machine')).toMatchObject({ is: 'done' });
});
