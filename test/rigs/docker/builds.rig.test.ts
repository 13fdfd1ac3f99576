import { join } from 'node:path';
import { list, type ReadEntry } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { taskCall } from '../../support/task-bench.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { buildOf, js, serviceFile, world } from './builds-world.ts';
import { base, docker } from './docker-world.ts';

test('commands run in the builder image, not as root, with nothing of Bakery around them', async () => {
  const compile = [
    'console.log(JSON.stringify({',
    'uid: process.getuid(), groups: process.getgroups(), cwd: process.cwd(), env: Object.keys(process.env).sort(),',
    "caps: fs.readFileSync('/proc/self/status', 'utf8').match(/CapEff:\\s*(\\w+)/)[1],",
    "gains: fs.readFileSync('/proc/self/status', 'utf8').match(/NoNewPrivs:\\s*(\\d)/)[1],",
    "sockets: ['/var/run/docker.sock', '/run/docker.sock'].filter((one) => fs.existsSync(one)),",
    "mounts: fs.readFileSync('/proc/self/mounts', 'utf8').split('\\n').map((line) => line.split(' ')[1]).filter((at) => /^\\/(build|cache|home|root|var)/.test(at ?? '')),",
    '}))',
  ].join('');
  process.env.A_SECRET_OF_THE_WORKER = 'hidden';
  onTestFinished(() => void delete process.env.A_SECRET_OF_THE_WORKER);
  const { outcome, lines } = await buildOf(serviceFile(compile));
  if (outcome.is !== 'done') throw new Error(JSON.stringify([outcome, lines]));
  const seen = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}');
  expect(seen).toMatchObject({
    uid: 10_001,
    groups: [10_001],
    cwd: '/build/checkout',
    gains: '1',
    sockets: [],
  });
  expect(BigInt(`0x${seen.caps}`)).toBe(0n);
  expect(seen.mounts.toSorted()).toEqual(['/build', '/cache']);
  expect(seen.env.join()).not.toMatch(/SECRET|DOCKER|BAKERY|SLACK|TOKEN/);
  expect(seen.env).toContain('SOURCE_DATE_EPOCH');
});

test('the same commit gives the same package in containers, whatever else the worker did', async () => {
  const pack = "require('child_process').execFileSync('tar', ['-cf', 'made.bin', 'src', 'bakery.yaml'])";
  const files = { 'bakery.yaml': serviceFile('0', { pack }), 'src/a.js': '1', 'src/deep/b.js': '2' };
  const { tools, input } = world(files);
  const first = await build.run(input, tools(), taskCall().call);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const second = await build.run(input, tools(), taskCall().call);
  if (first.is !== 'done' || second.is !== 'done') throw new Error(JSON.stringify([first, second]));
  expect(second.result.package).toEqual(first.result.package);
});

test('a cache is kept from build to build of one service, and nothing else is', async () => {
  const compile =
    "const old = fs.existsSync('/cache/service/kept'); console.log('cached', old, 'home', fs.readdirSync(process.env.HOME).length); fs.writeFileSync('/cache/service/kept', ''); fs.writeFileSync(process.env.HOME + '/x', '')";
  const { mark, tools, input } = world({ 'bakery.yaml': serviceFile(compile) });
  const logOf = async (service: string) => {
    const { call, lines } = taskCall();
    await build.run({ ...input, service, mark: { ...mark, service } }, tools(), call);
    return lines.find((line) => line.startsWith('cached'));
  };
  expect(await logOf('hello')).toBe('cached false home 0');
  expect(await logOf('hello')).toBe('cached true home 0');
  expect(await logOf('other')).toBe('cached false home 0');
});

test('a build without a package command packs the folder that its commands left', async () => {
  const text = `
build: { image: ${base()}, compile: { run: ${js("fs.mkdirSync('out'); fs.writeFileSync('out/made.js', '1'); fs.symlinkSync('/usr/local/bin/node', 'out/node'); fs.writeFileSync('no.log', '')")} } }
image: { dockerfile: Dockerfile }
health: { path: /healthz }
`;
  const { tools, input } = world({
    'bakery.yaml': text,
    Dockerfile: 'FROM scratch\n',
    '.dockerignore': '*.log\n',
  });
  const own = tools();
  const outcome = await build.run(input, own, taskCall().call);
  if (outcome.is !== 'done') throw new Error(JSON.stringify(outcome));
  const file = join(tempFolder(), 'context.tar');
  await own.store.fetch(outcome.result.package.digest, file);
  const found: Record<string, string | undefined> = {};
  const onReadEntry = ({ path, linkpath }: ReadEntry): void => {
    found[path] = linkpath;
  };
  await list({ file, onReadEntry });
  expect(Object.keys(found)).toEqual([
    '.dockerignore',
    'Dockerfile',
    'bakery.yaml',
    'out/made.js',
    'out/node',
  ]);
  expect(found['out/node']).toBe('/usr/local/bin/node');
});

test('a secret is there for the build in containers, and in nothing that it leaves', async () => {
  const secret = 'npm_2718281828459045';
  const { tools, input } = world({
    'bakery.yaml': serviceFile(
      "console.log('length', process.env.NPM_TOKEN.length, process.env.HOME !== 'x')",
      {
        pack: "fs.writeFileSync('made.bin', process.env.LEAK ? process.env.NPM_TOKEN : 'x')",
      },
    ),
  });
  const own = tools({ secret: async () => secret });
  const { call, lines } = taskCall();
  const secrets = { NPM_TOKEN: 'env:T', HOME: 'env:T' };
  expect(await build.run({ ...input, secrets }, own, call)).toMatchObject({ is: 'done' });
  expect(lines).toContain(`length ${secret.length} true`);
  const leaks = await build.run({ ...input, secrets: { ...secrets, LEAK: 'env:T' } }, own, call);
  expect(leaks).toMatchObject({ is: 'failed', failure: { fault: 'command failed' } });
  expect(docker('ps', '--all', '--no-trunc', '--format', '{{.Command}}')).not.toContain(secret);
});
