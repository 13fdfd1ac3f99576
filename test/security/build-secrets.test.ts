import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redaction } from '../../src/ops/log.ts';
import { ProviderError } from '../../src/pipeline/provider.ts';
import { build } from '../../src/pipeline/tasks/build.ts';
import { taskRunner } from '../../src/pipeline/worker.ts';
import { gitRepository } from '../support/git-repository.ts';
import { taskCall, taskTools } from '../support/task-bench.ts';

const value = 'npm_2718281828459045';
const reference = 'env:HELLO_NPM_TOKEN';

/** Builds a commit whose package command is this script, with one build secret. */
async function built(script: string, files: Record<string, string> = {}, image = '') {
  const text = `
build:
  ${image === '' ? 'package' : 'compile'}:
    run: [node, -e, ${JSON.stringify(script)}]
    timeout: 20s
    ${image === '' ? 'file: made.bin' : ''}
image: ${image === '' ? '{ start: [node, server.js] }' : image}
health: { path: /healthz, within: 5s }
`;
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': text, ...files });
  const { hide, clean } = redaction();
  const kept: string[] = [];
  const asked: string[] = [];
  const made = taskTools();
  const tools = {
    ...made,
    secret: async (name: string) => {
      asked.push(name);
      hide(value);
      return value;
    },
    store: {
      ...made.store,
      put: (bytes: Parameters<typeof made.store.put>[0]) => {
        kept.push('something');
        return made.store.put(bytes);
      },
    },
  };
  const notes: string[] = [];
  const outcome = await taskRunner({ tools, clean, onBug: () => undefined })(
    {
      effect: 'build.hello.v1',
      ...{ generation: 1, attempt: 1, kind: 'build', limit: 30_000, log: 'log' },
      input: {
        ...{ repository: repository.path, folder: '', sha, service: 'hello', version: 1 },
        secrets: { NPM_TOKEN: reference },
      },
    },
    {
      signal: new AbortController().signal,
      leaseLeft: () => 60_000,
      progress: (note) => void notes.push(note),
    },
  );
  const log = await made.store.readLog('log', 100_000);
  const all = JSON.stringify([outcome, log, notes]);
  expect(all).not.toContain(value);
  expect(all).not.toContain(Buffer.from(value).toString('base64'));
  return { outcome, log, kept, asked };
}

const fails = { is: 'failed', failure: { fault: 'command failed' } };

describe('a build secret', () => {
  it('is given to the service’s own build, and what the build prints of it is not kept', async () => {
    const script =
      "const t = process.env.NPM_TOKEN; console.log('length', t.length, t, Buffer.from(t).toString('base64')); fs.writeFileSync('made.bin', 'x')";
    const { outcome, log, asked } = await built(script);
    expect(outcome).toMatchObject({ is: 'done' });
    expect(log).toContain(`length ${value.length} [secret] [secret]`);
    expect(asked).toEqual([reference]);
  });

  it.each([
    ['as it is', "fs.writeFileSync('made.bin', 'x'.repeat(65530) + process.env.NPM_TOKEN)"],
    ['in base64', "fs.writeFileSync('made.bin', Buffer.from(process.env.NPM_TOKEN).toString('base64'))"],
    [
      'inside gzip',
      "fs.writeFileSync('made.bin', require('zlib').gzipSync('x'.repeat(70000) + process.env.NPM_TOKEN))",
    ],
  ])('that the build leaves in its package, %s, keeps the package from being kept', async (_, script) => {
    const { outcome, kept } = await built(script);
    expect(outcome).toMatchObject(fails);
    expect(JSON.stringify(outcome)).toContain("The package made.bin holds the build's secret NPM_TOKEN.");
    expect(kept).toEqual([]);
  });

  it('that the build leaves in the context of a Dockerfile, or in a file of the image, is refused too', async () => {
    const script = "fs.writeFileSync('.npmrc', '//registry/:_authToken=' + process.env.NPM_TOKEN)";
    const context = await built(script, { Dockerfile: 'FROM scratch\n' }, '{ dockerfile: Dockerfile }');
    expect(context.outcome).toMatchObject(fails);
    expect(JSON.stringify(context.outcome)).toContain("The file .npmrc holds the build's secret NPM_TOKEN.");
    expect(context.kept).toEqual([]);
  });

  it('lets what only looks like it through, and gzip that is none', async () => {
    const none = gzipSync('nothing').subarray(0, 10).toString('base64');
    const script = `fs.writeFileSync('made.bin', Buffer.from('${none}', 'base64'))`;
    expect((await built(script)).outcome).toMatchObject({ is: 'done' });
  });

  it('that is not there fails the build before its commands, and names the reference', async () => {
    const repository = gitRepository('hello');
    const sha = repository.commit({});
    const tools = taskTools(undefined, {
      secret: async (name) => {
        throw new ProviderError('bad settings', `The secret ${name} is not there.`);
      },
    });
    const input = { repository: repository.path, folder: '', sha, service: 'hello', version: 1 };
    const { call, lines } = taskCall();
    const outcome = await build.run({ ...input, secrets: { NPM_TOKEN: reference } }, tools, call);
    expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'bad settings' } });
    expect(lines.some((line) => line.startsWith('$ '))).toBe(false);
  });
});
