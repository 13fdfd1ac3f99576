import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keeperCommands } from '../../src/keeper/keeper.ts';
import { redaction } from '../../src/ops/log.ts';
import type { Commands } from '../../src/pipeline/commands.ts';
import type { RepositoryAccess } from '../../src/pipeline/domain/access.ts';
import { build } from '../../src/pipeline/tasks/build.ts';
import { joinedGit, repositoryAccess } from '../../src/source/access.ts';
import { gitHttp } from '../support/git-http.ts';
import { gitRepository } from '../support/git-repository.ts';
import { taskCall, taskTools } from '../support/task-bench.ts';
import { tempFolder } from '../support/temp-folder.ts';

const token = 'glpat-3141592653589793';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const secrets: Record<string, string> = { 'env:TOKEN': token, 'env:KEY': pem, 'env:NO_KEY': 'no key at all' };
const secret = async (reference: string) => secrets[reference] ?? '';
const byToken: RepositoryAccess = { by: 'token', token: 'env:TOKEN' };

/** Prints all that a build could find of the way in: its environment, and every file of git's in the checkout. */
const snoops = `
build:
  package:
    run: [node, -e, "console.log(JSON.stringify(process.env)); for (const f of fs.readdirSync('.git', { recursive: true })) { try { console.log(fs.readFileSync('.git/' + f, 'latin1')) } catch {} }; console.log(fs.readdirSync('..').join()); fs.writeFileSync('made.bin', 'x')"]
    timeout: 20s
    file: made.bin
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;

/** Builds the only commit of a private repository. */
async function built(access: RepositoryAccess | undefined, url: (path: string) => Promise<string>) {
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': snoops });
  const { hide } = redaction();
  const own = keeperCommands();
  const argv: string[] = [];
  const commands: Commands = {
    run: (order) => {
      argv.push(order.argv.join(' '));
      return own.run(order);
    },
  };
  const tools = taskTools(undefined, {
    commands,
    secret,
    openAccess: repositoryAccess({ secret, hide, now: Date.now }),
  });
  const { call, lines } = taskCall();
  const input = {
    repository: await url(repository.path),
    ...(access === undefined ? {} : { access }),
    folder: '',
    sha,
    service: 'hello',
    version: 1,
  };
  const outcome = await build.run(input, tools, call).catch((error: unknown) => ({ is: 'threw', error }));
  expect(readdirSync(tools.scratch)).toEqual([]);
  return { outcome, lines: lines.join('\n'), argv: argv.join('\n') };
}

const served = async (path: string, credentials: string): Promise<string> =>
  `${(await gitHttp(dirname(path), credentials)).url}/${basename(path)}`;

/** A forge that makes tokens of an App's installation, when the App shows who it is. */
async function forge(status = 201) {
  const asked: { path: string; jwt: string; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push({
      path: request.url ?? '',
      jwt: (request.headers.authorization ?? '').replace('Bearer ', ''),
      body: JSON.parse(text),
    });
    response.writeHead(status, { 'content-type': 'application/json' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    response.end(JSON.stringify({ token: `ghs_made-${asked.length}-161803398`, expires_at: until }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const app = (api: string, key = 'env:KEY'): RepositoryAccess => ({
  by: 'github app',
  ...{ app: 4711, installation: 815, key, api },
});

describe('a private repository', () => {
  it('is cloned by a token that reaches no argument, file, log or environment of the build', async () => {
    const { outcome, lines, argv } = await built(byToken, (path) => served(path, `oauth2:${token}`));
    expect(outcome).toMatchObject({ is: 'done' });
    expect(lines).toContain('"SOURCE_DATE_EPOCH"');
    expect(lines).toContain('repositoryformatversion');
    for (const form of [
      token,
      Buffer.from(`oauth2:${token}`).toString('base64'),
      'extraHeader',
      'GIT_CONFIG',
    ])
      expect(lines + argv).not.toContain(form);
    expect(argv).toContain('fetch');
  });

  it('is closed without its token, and says so', async () => {
    const { outcome } = await built(undefined, (path) => served(path, `oauth2:${token}`));
    expect(outcome).toMatchObject({ is: 'threw', error: { fault: 'repository gone' } });
  });

  it('is cloned as a GitHub App by a token for this repository and for reading alone', async () => {
    const { api, asked } = await forge();
    const url = (path: string) => served(path, 'x-access-token:ghs_made-1-161803398');
    const { outcome, lines } = await built(app(api), url);
    expect(outcome).toMatchObject({ is: 'done' });
    expect(lines).not.toContain('ghs_made');
    expect(asked).toMatchObject([
      {
        path: '/app/installations/815/access_tokens',
        body: { repositories: [expect.stringMatching(/^bakery-test-/)], permissions: { contents: 'read' } },
      },
    ]);
    const [head = '', body = '', signature = ''] = asked[0]?.jwt.split('.') ?? [];
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(head)).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(read(body)).toMatchObject({ iss: '4711' });
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
  });

  it('is given the same token until it runs out, and each repository its own', async () => {
    const { api, asked } = await forge();
    let now = Date.now();
    const open = repositoryAccess({ secret, hide: () => undefined, now: () => now });
    const header = async (repository: string) =>
      (await open(app(api), repository, tempFolder())).env.GIT_CONFIG_VALUE_0;
    const first = await header('https://github.com/acme/hello.git');
    expect(await header('https://github.com/acme/hello.git')).toBe(first);
    await header('https://github.com/acme/other');
    now += 55 * 60_000;
    expect(await header('https://github.com/acme/hello.git')).not.toBe(first);
    expect(asked.map(({ body }) => body)).toMatchObject([
      { repositories: ['hello'] },
      { repositories: ['other'] },
      { repositories: ['hello'] },
    ]);
  });

  it('says what to look at when the forge gives no token or the key is none', async () => {
    const open = repositoryAccess({ secret, hide: () => undefined, now: Date.now });
    const faultOf = async (access: RepositoryAccess): Promise<unknown> =>
      open(access, 'https://github.com/acme/hello', tempFolder()).then(
        () => 'none',
        (error) => `${error.fault}: ${error.message}`,
      );
    expect(await faultOf(app((await forge(404)).api))).toMatch(/^denied: .*installation 815 \(status 404\)/);
    expect(await faultOf(app((await forge(502)).api))).toMatch(/^unreachable: /);
    expect(await faultOf(app('http://127.0.0.1:1'))).toMatch(/^unreachable: /);
    const noKey = await faultOf(app('http://127.0.0.1:1', 'env:NO_KEY'));
    expect(noKey).toMatch(/^bad settings: The secret env:NO_KEY is no private key/);
    expect(noKey).not.toContain('no key at all');
  });

  it('keeps git’s protections beside the token', () => {
    const one = { A: '1', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'x' };
    const other = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'c.d', GIT_CONFIG_VALUE_0: 'y' };
    expect(joinedGit(one, other)).toEqual({
      A: '1',
      ...{ GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'x' },
      ...{ GIT_CONFIG_KEY_1: 'c.d', GIT_CONFIG_VALUE_1: 'y' },
    });
  });
});
