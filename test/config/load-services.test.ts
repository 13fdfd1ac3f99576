import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { good, goodBot, goodService, load, problemsOf, withService } from './installation.ts';

describe('the configuration', () => {
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

  it.each(['status', 'rollback', 'v12', "he'llo", 'Hello', '-x', 'x'.repeat(41)])(
    'refuses a service named %s',
    async (name) => {
      const problems = await problemsOf({ 'bot.yaml': goodBot, [`services/${name}.yaml`]: goodService });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('rename the file');
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
});

describe('a worker', () => {
  it('needs neither port nor balancer, and its old one goes at once after soak', async () => {
    const service = goodService.replace(
      /defaults[\s\S]*/,
      'defaults: { traffic: none, overlap: false }\nenvironments:\n  dev: {}\n  staging: { retireAfter: 5m }\n',
    );
    const { config } = await load({ 'bot.yaml': goodBot, 'services/jobs.yaml': service });
    expect(config.policies.get('jobs')?.environments).toMatchObject([
      { name: 'dev', balancer: '', port: 0, traffic: 'none', overlap: false, retireAfter: 0, steps: [100] },
      { name: 'staging', retireAfter: 300_000 },
    ]);
  });

  it('that is none needs a port, and may not end the old one first', async () => {
    const service = goodService.replace('dev: { port: 7001 }', 'dev: { overlap: false }');
    expect(await problemsOf({ 'bot.yaml': goodBot, 'services/hello.yaml': service })).toEqual([
      expect.stringContaining('`overlap: false` would leave `dev` with nothing that serves'),
      expect.stringContaining('`dev` has no `port`; add the one of its front door, or `traffic: none`'),
    ]);
  });
});

describe('how a private repository is read', () => {
  const withAccess = (repository: string, access: string) =>
    withService(goodService.replace('/srv/git/hello.git', repository).concat(`access: ${access}\n`));
  const line = 'git.example.com ssh-ed25519 AAAA';

  it.each([
    ['git@git.example.com:acme/hello.git', `{ deployKey: { key: env:K, knownHosts: ['${line}'] } }`],
    ['https://git.example.com/acme/hello.git', '{ token: env:T }'],
    ['https://github.com/acme/hello.git', '{ githubApp: { app: 1, installation: 2, key: env:K } }'],
  ])('is taken for %s', async (repository, access) => {
    expect(await withAccess(repository, access)).toEqual([]);
  });

  it.each([
    ['https://a.example.com/b.git', `{ deployKey: { key: env:K, knownHosts: ['${line}'] } }`, 'by ssh'],
    ['git@a.example.com:b.git', '{ token: env:T }', 'begins with https://'],
    ['https://a.example.com/b.git', '{ token: glpat-314159265358979 }', 'looks like a secret itself'],
    ['https://a.example.com/b.git', '{}', 'exactly one of'],
    ['git@a.example.com:b.git', `{ deployKey: { key: env:K, knownHosts: ['*'] } }`, 'a line of known_hosts'],
    ['git@a.example.com:b.git', `{ deployKey: { key: env:K } }`, 'knownHosts'],
  ])('is refused with what to do: %s, %s', async (repository, access, sentence) => {
    expect((await withAccess(repository, access)).join()).toContain(sentence);
  });
});

describe('a hook of the operators', () => {
  const withHook = (text: string) => withService(`${goodService}hooks: { ticket: { ${text} } }\n`);
  const call = 'url: https://a.example.com, key: env:K';

  it.each([
    ['before: launch', []],
    ['after: cut-over, failure: continue', []],
    ['before: launch, after: bake', ['exactly one of `before` and `after`']],
    ['before: retire', []],
    ['after: cut-over', ['cannot stop anything']],
    ['before: knead', ['must be one of build']],
    ['before: launch, within: 2h', ['at most 30m']],
    ['before: launch, run: [id]', ['`run` is not a key here']],
  ])('with { %s } is answered %j', async (text, said) => {
    const problems = await withHook(`${text}, ${call}`);
    expect(problems).toHaveLength(said.length);
    for (const [at, words] of said.entries()) expect(problems[at]).toContain(words);
  });
});
