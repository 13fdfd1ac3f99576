import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { embeddedBalancer } from '../../src/balancers/embedded/index.ts';
import { keepRescueFiles } from '../../src/composition/rescue-files.ts';
import type { Slot } from '../../src/pipeline/domain/slot.ts';
import type { Mark, TaskInputs } from '../../src/pipeline/domain/task.ts';
import { rescueScript } from '../../src/pipeline/tasks/rescue-script.ts';
import { localProvider } from '../../src/providers/local/index.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { freePort } from '../support/free-port.ts';
import { freeCall, settle } from '../support/settle.ts';
import { tarOf } from '../support/tar-of.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';

const server = `
  const say = () => [process.env.BAKERY_VERSION, process.env.GREETING, process.env.TOKEN].join(' ');
  require('http').createServer((q, s) => s.end(say())).listen(process.env.PORT, process.env.HOST);
  process.on('SIGTERM', () => process.exit(0));`;

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** A machine on which v2 serves, with v1's image there: a provider, a balancer, and a script for the night. */
async function machine() {
  const data = tempFolder();
  const provider = localProvider({ root: join(data, 'machine'), keep: async () => {}, now: Date.now });
  const balancer = embeddedBalancer({ dataDir: join(data, 'front'), checkEvery: 50 });
  ending.push(() => balancer.stop());
  ending.push(async () => {
    for (const { what, id } of await provider.list('us', freeCall()))
      if (what === 'instance') await settle(() => provider.terminate(id, 0, freeCall()));
  });
  const frontend = { slot: 'hello.production', port: await freePort() };
  const markOf = (version: number, effect: string, epoch: number): Mark => ({
    ...{ owner: 'us', service: 'hello', environment: 'production', generation: 1 },
    ...{ version, effect, epoch },
  });
  const packed = await tarOf(tempFolder(), { 'server.js': server });
  const recipe = { base: '', packages: [], start: ['node', 'server.js'] };
  const image = await settle(() =>
    provider.bake({ ...packed, recipe, files: new Map(), sha: 'a', mark: markOf(1, 'bake', 0) }, freeCall()),
  );
  const health = { path: '/', within: 10_000 };
  const secretFile = join(data, 'token');
  writeFileSync(secretFile, 'from-a-file\n');
  const settings = { GREETING: { value: "it's $me" }, TOKEN: { secret: `file:${secretFile}` } };
  const spec = { start: recipe.start, health, grace: 500, settings };
  const serve = async (version: number, effect: string) => {
    const environment = { BAKERY_VERSION: String(version), GREETING: 'hi', TOKEN: 'x' };
    const order = { image, spec, environment, mark: markOf(version, effect, 3) };
    const instance = await settle(() => provider.launch(order, freeCall()));
    await balancer.attach(frontend, instance, health, 3, freeCall());
    await until('it is healthy', async () =>
      (await balancer.members(frontend, freeCall())).members.some(
        (member) => member.instance === instance.id && member.health === 'healthy',
      ),
    );
    return instance;
  };
  const live = await serve(2, 'launch.two');
  await balancer.shift(frontend, { [live.id]: 100 }, 3, freeCall());
  const input: TaskInputs['script'] = {
    ...{ provider: 'machine', balancer: 'front', frontend, image, spec, running: [] },
    marks: [0, 1].map((index) => markOf(1, `rescue.hello.production.2.v1.${index}`, 4)),
    instead: { version: 2, deployment: 'hello.production.2' },
  };
  const ask = async () => (await fetch(`http://127.0.0.1:${frontend.port}/`)).text();
  const write = (more: Partial<typeof input> = {}): string => {
    const file = join(data, 'hello.production.sh');
    writeFileSync(file, rescueScript({ ...input, ...more }, provider, balancer), { mode: 0o700 });
    return file;
  };
  /** As a person runs it at night: with an almost empty environment. */
  const run = async (file: string, env: Record<string, string> = {}) =>
    (await promisify(execFile)(file, { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 30_000 }))
      .stdout;
  return { data, provider, balancer, frontend, input, spec, live, serve, ask, write, run };
}

describe('the script for the night when Bakery is what is broken', () => {
  it('starts the previous version from its image and gives it all traffic, with no Bakery running', async () => {
    const { ask, write, run, provider, balancer, frontend, input } = await machine();
    expect(await ask()).toMatch(/^2 /);
    const said = await run(write());
    expect(said).toContain('hello v1 in production is started from its image.');
    expect(said).toContain('hello v1 in production has all traffic.');
    expect(await ask()).toBe("1 it's $me from-a-file");
    const listed = await provider.list('us', freeCall());
    const made = listed.filter(({ what, mark }) => what === 'instance' && mark.version === 1);
    expect(made.map(({ mark }) => mark.effect).sort()).toEqual(input.marks.map(({ effect }) => effect));
    const { epoch, members } = await balancer.members(frontend, freeCall());
    expect([epoch, ...members.map(({ weight }) => weight)]).toEqual([4, 0, 50, 50]);
    // Again is fine, and makes nothing twice.
    await run(write());
    expect((await provider.list('us', freeCall())).length).toBe(listed.length);
  });

  it('only moves traffic when the previous version still runs', async () => {
    const { ask, write, run, serve, provider } = await machine();
    const older = await serve(1, 'launch.one');
    const said = await run(write({ running: [older] }));
    expect(said).toContain('hello v1 in production still runs.');
    expect(await ask()).toMatch(/^1 hi/);
    const listed = await provider.list('us', freeCall());
    expect(listed.filter(({ what }) => what === 'instance')).toHaveLength(2);
  });

  it('starts the balancer as well when that is gone', async () => {
    const { ask, write, run, balancer } = await machine();
    await balancer.stop();
    expect(await run(write())).toContain('The balancer does not run. It is started.');
    expect(await ask()).toMatch(/^1 /);
  });

  it('holds no secret, and says which one is missing before anything is changed', async () => {
    const { ask, write, run, spec } = await machine();
    const settings = { ...spec.settings, TOKEN: { secret: 'env:HELLO_TOKEN' } };
    const file = write({ spec: { ...spec, settings } });
    expect(readFileSync(file, 'utf8')).not.toContain('from-a-file');
    await expect(run(file)).rejects.toThrow(/secret \$HELLO_TOKEN is not set. Nothing was changed/);
    expect(await ask()).toMatch(/^2 /);
    await run(file, { HELLO_TOKEN: 'of the night' });
    expect(await ask()).toBe("1 it's $me of the night");
  });

  it('changes nothing when the image is not what was baked any more', async () => {
    const { ask, write, run, input } = await machine();
    const image = { ...input.image, manifest: `sha256:${'0'.repeat(64)}` };
    await expect(run(write({ image }))).rejects.toThrow(/is not what was baked. Nothing was started/);
    expect(await ask()).toMatch(/^2 /);
  });

  it('lies on the disk of the bot’s machine, one for each slot, for its owner alone', async () => {
    const data = tempFolder();
    mkdirSync(join(data, 'store'), { recursive: true });
    const store = directoryStore(join(data, 'store'));
    const slot = async (words: string): Promise<Slot> => ({
      ...{ service: 'hello', environment: 'production', deployments: 1, epoch: 1, open: [] },
      rescue: { version: 1, deployment: 'x', script: (await store.put(words)).digest, made: [] },
    });
    let slots = [await slot('first')];
    const stop = keepRescueFiles({
      ...{ data, store, every: 20, slots: async () => slots },
      onError: (_slot, error) => {
        throw error;
      },
    });
    ending.push(async () => stop());
    const file = join(data, 'rescue', 'hello.production.sh');
    const reads = (words: string) => until(words, () => readFileSync(file, 'utf8') === words);
    await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.mode).toBe(0o100700);
    await reads('first');
    slots = [await slot('second')];
    await reads('second');
  });
});
