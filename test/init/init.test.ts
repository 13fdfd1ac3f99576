import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { parseServiceFile } from '../../src/config/service-file.ts';
import { init } from '../../src/init/init.ts';
import { build } from '../../src/pipeline/tasks/build.ts';
import { folderWith, goodBot, goodService } from '../config/installation.ts';
import { taskCall, taskTools } from '../support/task-bench.ts';
import { tempFolder } from '../support/temp-folder.ts';

const program = `
  const { createServer } = require('http');
  createServer((q, s) => s.end(q.url === '/health' ? 'ok' : process.env.GREETING)).listen(process.env.PORT);
  const key = process.env.MAIL_API_KEY;`;
const node = {
  'package.json': '{ "name": "shop", "scripts": { "start": "node app.js" } }',
  'app.js': program,
};

/** A checkout with these files, committed. */
function checkout(files: Record<string, string>, name = 'Web Shop'): string {
  const dir = join(tempFolder(), name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  mkdirSync(dir, { recursive: true });
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test'];
  const git = (...argv: string[]) => execFileSync('git', [...who, ...argv], { cwd: dir, encoding: 'utf8' });
  git('init', '--quiet', '--initial-branch=trunk');
  git('add', '.');
  git('commit', '--quiet', '--allow-empty', '-m', 'one');
  return dir;
}

async function write(dir: string, config: string, name?: string) {
  const said: string[] = [];
  const print = (line: string) => void said.push(line);
  const code = await init({ checkout: dir, config, print, ...(name === undefined ? {} : { name }) });
  return { code, said: said.join('\n') };
}

describe('bakery init', () => {
  it('writes a pair of files that fit each other and the installation, for its first service too', async () => {
    const dir = checkout(node);
    const config = folderWith({ 'bot.yaml': goodBot.replace('data: data', 'data: data\nadmins: [T1/UADA]') });
    mkdirSync(join(config, 'services'));
    expect(await write(dir, config)).toMatchObject({ code: 0 });
    const loading = await loadConfig(config, {});
    if (!loading.ok) throw new Error(JSON.stringify(loading.problems));
    expect(loading.config.policies.get('web-shop')).toMatchObject({
      repository: dir,
      branch: 'trunk',
      people: { bake: ['*'], approve: ['T1/UADA'] },
      environments: [{ name: 'staging', provider: 'machine', balancer: 'front' }],
    });
    const reading = parseServiceFile(readFileSync(join(dir, 'bakery.yaml'), 'utf8'), 'bakery.yaml');
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    expect(reading.file).toMatchObject({
      recipe: { start: ['node', 'app.js'] },
      health: { path: '/health' },
      variables: [
        { name: 'GREETING', type: 'string', required: false },
        { name: 'MAIL_API_KEY', type: 'secret', required: false },
      ],
    });
  });

  it('writes the settings that the repository names, with their types and never with a value', async () => {
    const dir = checkout({
      ...node,
      '.env.example':
        '# Mail\nSMTP_HOST=mail.internal\nexport SMTP_PORT="2525"\nSMTP_PASS=hunter2\nlower=1\n',
      Dockerfile:
        'FROM scratch\nENV LOG_LEVEL=info \\\n    FEATURE_CART=true NODE_ENV=production\nENV SEARCH http://s.internal\n',
      'compose.yaml':
        'services:\n  web:\n    build: .\n    environment:\n      - BROKER=amqp://u:hunter2@mq/\n      - WORKERS=4\n  db:\n    image: postgres\n    environment: { POSTGRES_DB: shop }\n',
    });
    const config = folderWith({
      'bot.yaml': goodBot.replace(
        'balancers:',
        '  engine: { kind: docker, engines: { one: { url: "unix:///var/run/docker.sock" } } }\nbalancers:',
      ),
      'services/hello.yaml': goodService,
    });
    expect(await write(dir, config)).toMatchObject({ code: 0 });
    const own = readFileSync(join(dir, 'bakery.yaml'), 'utf8');
    const reading = parseServiceFile(own, 'bakery.yaml');
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    expect(Object.fromEntries(reading.file.variables.map(({ name, type }) => [name, type]))).toEqual({
      ...{ BROKER: 'secret', FEATURE_CART: 'boolean', GREETING: 'string', LOG_LEVEL: 'string' },
      ...{ MAIL_API_KEY: 'secret', SEARCH: 'url', SMTP_HOST: 'string', SMTP_PASS: 'secret' },
      ...{ SMTP_PORT: 'number', WORKERS: 'number' },
    });
    const policy = readFileSync(join(config, 'services', 'web-shop.yaml'), 'utf8');
    expect(policy).toContain('#     SMTP_PASS: { secret: "env:SMTP_PASS" }');
    expect(policy).toContain('#     SMTP_PORT: # a number');
    expect(own + policy).not.toMatch(/hunter2|mail\.internal|2525|s\.internal|amqp|info\b/);
  });

  it('writes files with which the repository is really built', async () => {
    const dir = checkout(node);
    const config = folderWith({ 'bot.yaml': goodBot, 'services/hello.yaml': goodService });
    expect(await write(dir, config, 'shop')).toMatchObject({ code: 0 });
    execFileSync('git', ['add', '.'], { cwd: dir });
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test'];
    execFileSync('git', [...who, 'commit', '--quiet', '-m', 'Bakery'], { cwd: dir });
    const sha = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: dir, encoding: 'utf8' }).trim();
    const input = { repository: dir, folder: '.', sha, service: 'shop', version: 1 };
    expect(await build.run(input, taskTools(), taskCall().call)).toMatchObject({
      is: 'done',
      result: { package: { name: 'package.tar' } },
    });
    const { config: whole } = (await loadConfig(config, {})) as {
      config: { policies: Map<string, unknown> };
    };
    expect([...whole.policies.keys()]).toEqual(['hello', 'shop']);
  });

  it('takes a Dockerfile for what says all, and needs an engine for it', async () => {
    const dir = checkout({ Dockerfile: 'FROM scratch\n' }, 'api');
    const config = folderWith({ 'bot.yaml': goodBot, 'services/hello.yaml': goodService });
    expect(await write(dir, config)).toMatchObject({
      code: 1,
      said: expect.stringContaining('of kind docker'),
    });
    const engine = goodBot.replace(
      'balancers:',
      '  engine: { kind: docker, engines: { one: { url: "unix:///var/run/docker.sock" } } }\nbalancers:',
    );
    writeFileSync(join(config, 'bot.yaml'), engine);
    const wrote = await write(dir, config);
    expect(wrote).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'bakery.yaml'), 'utf8')).toContain('image: {"dockerfile":"Dockerfile"}');
  });

  it('writes nothing over what is there, into what is no checkout, or where it cannot tell', async () => {
    const config = folderWith({ 'bot.yaml': goodBot, 'services/hello.yaml': goodService });
    const named = checkout(node, 'hello');
    expect((await write(named, config)).said).toContain('hello.yaml is there already');
    expect(existsSync(join(named, 'bakery.yaml'))).toBe(false);
    expect((await write(tempFolder(), config)).said).toContain('no checkout of a Git repository');
    expect((await write(checkout({ 'notes.txt': '' }), config)).said).toContain('tells how it is started');
    const broken = folderWith({ 'bot.yaml': goodBot, 'services/hello.yaml': 'nonsense' });
    const other = checkout(node, 'other');
    expect((await write(other, broken)).said).toContain('services/hello.yaml:1:');
    expect(existsSync(join(other, 'bakery.yaml'))).toBe(false);
  });

  it('refuses a name that leads out of the folder of services', async () => {
    const config = folderWith({ 'bot.yaml': goodBot, 'services/hello.yaml': goodService });
    const dir = checkout(node);
    const { code, said } = await write(dir, config, '../elsewhere');
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringContaining('a service is named with'),
    });
    expect(existsSync(join(dir, 'bakery.yaml'))).toBe(false);
    expect(existsSync(join(config, 'elsewhere.yaml'))).toBe(false);
  });
});
