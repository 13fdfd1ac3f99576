import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { folderWith, goodBot, goodService, problemsOf, withBot, withService } from './installation.ts';

const good = { 'bot.yaml': goodBot, 'services/hello.yaml': goodService };

async function load(files: Record<string, string>, env: Record<string, string> = {}) {
  const dir = folderWith(files);
  const loading = await loadConfig(dir, env);
  if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
  return { dir, config: loading.config };
}

describe('the configuration', () => {
  it('is read with absolute paths and what is usual where nothing is said', async () => {
    const { dir, config } = await load(good);
    expect(config).toMatchObject({
      name: 'test',
      data: join(dir, 'data'),
      store: join(dir, 'data/store'),
      poll: 60_000,
      http: { host: '127.0.0.1', port: 8080 },
      worker: { concurrency: 4, scratch: join(dir, 'data/scratch') },
    });
    expect(config.queue.kind).toBe('embedded');
    expect(config.queue.url.reveal()).toBe(`embedded:${join(dir, 'data/queue')}`);
    expect(config.providers.get('machine')).toHaveProperty('root', join(dir, 'machine'));
    expect(config.policies.get('hello')).toMatchObject({
      service: 'hello',
      branch: 'main',
      folder: '.',
      channel: 'C001',
      environments: [
        {
          name: 'dev',
          provider: 'machine',
          balancer: 'front',
          promotion: 'auto',
          approvals: 0,
          soak: 300_000,
        },
        { name: 'staging' },
      ],
    });
  });

  it('has builds in containers only on a provider of kind docker, in images that are named', async () => {
    const builds = (text: string) => goodBot.replace('providers:', `worker: { builds: ${text} }\nproviders:`);
    expect(await withBot(builds('{ provider: machine, images: ["node:*"] }'))).toEqual([
      expect.stringContaining('`machine` is of kind local'),
    ]);
    expect(await withBot(builds('{ provider: nowhere, images: ["node:*"] }'))).toEqual([
      expect.stringContaining('no provider `nowhere`'),
    ]);
    expect(await withBot(builds('{ provider: machine, images: [] }'))).toEqual([
      expect.stringContaining('allows no image'),
    ]);
  });

  it('gives every service the prices of bot.yaml, and refuses one of a provider that there is not', async () => {
    const prices = (provider: string) =>
      `${goodBot}\nprices: { currency: EUR, instanceHour: { ${provider}: 0.02 } }\n`;
    const { config } = await load({ ...good, 'bot.yaml': prices('machine') });
    expect(config.policies.get('hello')?.prices).toEqual({
      currency: 'EUR',
      instanceHour: { machine: 0.02 },
    });
    expect((await withBot(prices('machnie'))).join()).toContain('names a provider machnie that there is not');
  });

  it("lets an environment's own word win over defaults, and production wait for approval", async () => {
    const text = goodService
      .replace('{ balancer: front }', '{ balancer: front, soak: 1m, count: 3 }')
      .replace('{ port: 7002 }', '{ port: 7002, soak: 2m, production: true }');
    const bot = goodBot.replace('root: machine', 'root: machine, allowProduction: true');
    const { config } = await load({ 'bot.yaml': bot, 'services/hello.yaml': text });
    expect(config.policies.get('hello')?.environments).toMatchObject([
      { soak: 60_000, count: 3, promotion: 'auto', approvals: 0 },
      { soak: 120_000, count: 3, promotion: 'approval', approvals: 1, selfApproval: false },
    ]);
  });

  it('gives the same digest to the same settings in another order, and another to other ones', async () => {
    const settings = (text: string) =>
      goodService.replace('{ port: 7001 }', `{ port: 7001, settings: ${text} }`);
    const digest = async (text: string) =>
      (await load({ ...good, 'services/hello.yaml': settings(text) })).config.policies.get('hello')
        ?.environments[0]?.settings.digest;
    const first = await digest('{ A: x, B: { secret: env:B } }');
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digest('{ B: { secret: env:B }, A: x }')).toBe(first);
    expect(await digest('{ A: x, B: env:B }')).not.toBe(first);
  });

  it('takes a queue with a password from a variable only, and never shows it', async () => {
    const bot = `${goodBot}queue: { env: QUEUE }\n`;
    const { config } = await load({ ...good, 'bot.yaml': bot }, { QUEUE: 'redis://:pw1@h:1/0' });
    expect(config.queue.kind).toBe('redis');
    expect(config.queue.url.reveal()).toBe('redis://:pw1@h:1/0');
    expect(JSON.stringify(config)).not.toContain('pw1');
    expect(await withBot(bot)).toEqual([
      "bot.yaml:8: The variable QUEUE is not set where this runs; set it to the queue's URL.",
    ]);
    expect(await withBot(bot, { QUEUE: 'amqp://x' })).toHaveLength(1);
    const [literal] = await withBot(`${goodBot}queue: redis://:pw1@h:1/0\n`);
    expect(literal).toBe(
      'bot.yaml:8: `queue` holds a password: write { env: NAME } and keep the URL in that variable.',
    );
    expect((await withBot(`${goodBot}queue: amqp://x\n`))[0]).toContain(
      '`queue` must be `embedded`, redis://',
    );
    expect((await withBot(`${goodBot}queue: 7\n`))[0]).toContain('`queue` must be `embedded`, redis://');
    expect(
      (await load({ ...good, 'bot.yaml': `${goodBot}queue: postgres://u@h/db\n` })).config.queue.kind,
    ).toBe('postgres');
  });

  it('tells the problems of all files at once, in their order', async () => {
    const problems = await problemsOf({
      'bot.yaml': `${goodBot}datta: x\n`,
      'services/a.yaml': goodService.replace('environments:', 'environmnts:'),
      'services/b.yaml': `${goodService}build: {}\n`,
    });
    expect(problems).toEqual([
      'bot.yaml:8: `datta` is not a key here; did you mean `data`?',
      'services/a.yaml:1: `environments` is missing; add it.',
      'services/a.yaml:5: `environmnts` is not a key here; did you mean `environments`?',
      "services/b.yaml:8: `build` is not a key here: it belongs in bakery.yaml in the service's repository, which is read at each commit; move it there.",
    ]);
  });

  it('refuses tokens in place of references without repeating them', async () => {
    for (const token of ['xoxb-1-leaked', 'xapp-1-leaked', 'leaked', '"env: leaked"', 'file:leaked']) {
      const problems = await withBot(goodBot.replace('env:BOT', token));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(
        /^bot.yaml:3: `slack.botToken` (looks like a secret itself|is no reference)/,
      );
      expect(problems[0]).not.toContain('leaked');
    }
    const leaked = await withBot(`${goodBot}xoxb-1-secret: x\n`);
    expect(leaked.join()).not.toContain('xoxb');
    const alias = await withBot(`${goodBot}store: *xoxb-1-secret\n`);
    expect(alias.join()).not.toContain('xoxb');
  });

  it('refuses a token among the settings of a service without repeating it', async () => {
    const settings = (text: string) =>
      goodService.replace('{ port: 7001 }', `{ port: 7001, settings: ${text} }`);
    const [problem] = await withService(settings('{ T: xoxb-9-leak }'));
    expect(problem).toContain(
      'services/hello.yaml:6: `environments.dev.settings.T` looks like a secret itself',
    );
    expect(problem).not.toContain('xoxb');
    expect((await withService(settings('{ T: { secret: hunter2 } }')))[0]).toContain('is no reference');
    expect((await withService(settings('{ T: 3 }')))[0]).toContain('must be a text in quotes');
  });

  it('names the kinds of providers and balancers when one is unknown', async () => {
    expect(await withBot(goodBot.replace('kind: local', 'kind: locl'))).toEqual([
      'bot.yaml:5: `providers.machine.kind` must be one of `local`, `docker`, `openstack`, `aws`; did you mean `local`?',
    ]);
    expect((await withBot(goodBot.replace('kind: embedded, ', '')))[0]).toContain(
      '`balancers.front.kind` must be one of `embedded`',
    );
  });

  it('asks for what the mode of Slack needs', async () => {
    expect(await withBot(goodBot.replace(', signingSecret: env:SIGN', ''))).toEqual([
      "bot.yaml:3: `slack.mode` `http` needs `signingSecret`: add a reference to the app's signing secret.",
    ]);
    expect((await withBot(goodBot.replace('mode: http', 'mode: socket')))[0]).toContain('needs `appToken`');
  });

  it('refuses production on the local provider unless the installation allows it', async () => {
    const text = goodService.replace('{ port: 7002 }', '{ port: 7002, production: true }');
    expect(await withService(text)).toEqual([
      'services/hello.yaml:7: `staging` is production on the provider `machine` of kind local, which does not isolate; set its `allowProduction: true` in bot.yaml if this is meant.',
    ]);
  });

  it('refuses a port that two slots share, in one file or in two', async () => {
    const problems = await problemsOf({
      ...good,
      'services/other.yaml': goodService.replace('7002', '7003'),
      'services/third.yaml': goodService.replace('7001', '8080').replace('7002', '3000'),
    });
    expect(problems).toEqual([
      'services/other.yaml:6: The port 7001 belongs to hello in dev already; choose another one.',
      "services/third.yaml:6: The port 8080 belongs to Bakery's own http already; choose another one.",
      "services/third.yaml:7: The port 3000 belongs to Bakery's own slack already; choose another one.",
    ]);
  });

  it('names the nearest provider and balancer for an unknown one', async () => {
    const text = goodService.replace('provider: machine', 'provider: machin').replace('front', 'elb');
    expect(await withService(text)).toEqual([
      'services/hello.yaml:2: bot.yaml has no provider `machin`; did you mean `machine`?',
      'services/hello.yaml:6: bot.yaml has no balancer `elb`; add it there or name another.',
      'services/hello.yaml:7: bot.yaml has no balancer `elb`; add it there or name another.',
    ]);
    expect((await withService(goodService.replace('defaults: { balancer: front }\n', '')))[0]).toContain(
      '`dev` has no `balancer`',
    );
    const rung = goodService.replace('{ port: 7001 }', '{ port: 7001, provider: cloud }');
    expect((await withService(rung))[0]).toContain('bot.yaml has no provider `cloud`');
  });

  it('refuses approvals that nobody could give, and rungs that contradict themselves', async () => {
    const rung = (text: string) =>
      withService(goodService.replace('{ port: 7002 }', `{ port: 7002, ${text} }`));
    expect((await rung('promotion: approval, approvals: 2'))[0]).toContain(
      'asks for 2 approvals and `people.approve`',
    );
    expect((await rung('promotion: approval, approvals: 0'))[0]).toContain(
      'waits for approval and asks for none',
    );
    expect((await rung('approvals: 1'))[0]).toContain('promotes by itself and asks for approvals');
    expect(await rung('promotion: approval')).toEqual([]);
  });

  it("refuses to give production's secret to verify", async () => {
    const text = goodService
      .replace('{ port: 7002 }', '{ port: 7002, production: true, settings: { T: { secret: env:T } } }')
      .concat('verify: { settings: { U: { secret: env:T } } }\n');
    const bot = goodBot.replace('root: machine', 'root: machine, allowProduction: true');
    const [problem] = await problemsOf({ 'bot.yaml': bot, 'services/hello.yaml': text });
    expect(problem).toContain('`U` gives verify the same secret as production');
  });

  it.each(['status', 'rollback', 'v12', "he'llo", 'Hello', '-x', 'x'.repeat(41)])(
    'refuses a service named %s',
    async (name) => {
      const problems = await problemsOf({ 'bot.yaml': goodBot, [`services/${name}.yaml`]: goodService });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('rename the file');
    },
  );

  it.each(['verify', 'bake', 'soak', 'migrate', 'v1', 'Prod'])(
    'refuses an environment named %s',
    async (name) => {
      const problems = await withService(goodService.replace('staging:', `${name}:`));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`services/hello.yaml:7: \`environments.${name}\``);
    },
  );

  it('refuses bad repositories, branches, people, steps, hosts and folders in one go', async () => {
    const text = `repository: ext::sh -c touch
folder: ../x
branch: --upload-pack=x
provider: machine
people: { bake: [ada], approve: [], rollback: [], retire: [] }
defaults: { balancer: front, steps: [50, 20] }
environments:
  dev: { port: 99999, hosts: ['https://x/'], settings: { lower: x } }
`;
    const lines = (await withService(text)).map((line) => line.replace('services/hello.yaml:', ''));
    expect(lines.map((line) => line.slice(0, line.indexOf('` ') + 1))).toEqual([
      '1: `repository`',
      '2: `folder`',
      '3: `branch`',
      '5: `people.bake.0`',
      '6: `defaults.steps`',
      '6: `defaults.steps`',
      '8: `environments.dev.port`',
      '8: `environments.dev.settings.lower`',
      '8: `environments.dev.hosts.0`',
    ]);
  });

  it('tells operators in the default channel unless another is named', async () => {
    const named = goodBot.replace('defaultChannel: C001', 'defaultChannel: C001, adminChannel: C002');
    expect((await load(good)).config.slack[0].adminChannel).toBe('C001');
    expect((await load({ ...good, 'bot.yaml': named })).config.slack[0].adminChannel).toBe('C002');
  });

  it('says what to do when there is no bot.yaml and when there are no services', async () => {
    expect(await problemsOf({})).toEqual([
      expect.stringMatching(
        /^bot\.yaml:1: This file cannot be read \(ENOENT\) in \/.+; write it, beginning from examples\/config\/bot\.yaml\.$/,
      ),
    ]);
    expect((await problemsOf({ 'bot.yaml': goodBot }))[0]).toContain(
      '`services` finds no file in services/*.yaml',
    );
    const dir = folderWith(good);
    rmSync(join(dir, 'services'), { recursive: true });
    expect((await loadConfig(dir, {})).ok).toBe(false);
  });

  it('finds services in a folder or by a pattern, each name once', async () => {
    const bot = `${goodBot}services: svc\n`;
    const { config } = await load({ 'bot.yaml': bot, 'svc/a.yaml': goodService, 'svc/notes.txt': '' });
    expect([...config.policies.keys()]).toEqual(['a']);
    const [problem] = await problemsOf({
      'bot.yaml': bot,
      'svc/a.yaml': goodService,
      'svc/a.yml': goodService,
    });
    expect(problem).toContain('svc/a.yml:1: svc/a.yaml names this service already');
  });

  it('resolves a relative repository from the folder of bot.yaml', async () => {
    const text = goodService.replace('/srv/git/hello.git', './repos/hello');
    const { dir, config } = await load({ ...good, 'services/hello.yaml': text });
    expect(config.policies.get('hello')?.repository).toBe(join(dir, 'repos/hello'));
  });
});
