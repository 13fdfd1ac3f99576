import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseServiceFile } from '../../src/config/service-file.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import type { PipelineCommand } from '../../src/pipeline/domain/command.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import { evolveRelease } from '../../src/pipeline/domain/evolve-release.ts';
import type { Release } from '../../src/pipeline/domain/release.ts';
import type { Submission } from '../../src/pipeline/domain/submission.ts';
import { frontDoor } from '../../src/pipeline/front-door.ts';
import { build as buildTask } from '../../src/pipeline/tasks/build.ts';
import { gitRepositories } from '../../src/source/git.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { newRepository } from '../source/repository.ts';
import { CoreWorld, commitNamed } from '../support/core-world.ts';
import { gitRepository } from '../support/git-repository.ts';
import { ada, policy, serviceFile } from '../support/policies.ts';
import { taskCall, taskTools } from '../support/task-bench.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ci = { kind: 'webhook', source: 'ci', delivery: 'd' } as const;
const external = { external: { key: 'env:KEY', largest: 1_000 } };
const submitted: Submission = {
  package: { digest: `sha256:${'1'.repeat(64)}`, size: 3, name: 'hello.tar' },
  reports: [],
};
const request = (over: object = {}) => ({
  do: 'request release' as const,
  service: 'hello',
  commit: commitNamed('one'),
  by: ci,
  submitted,
  ...over,
});

it('a package that an outside CI handed over goes all the way like any other', async () => {
  const world = new CoreWorld(policy(external));
  const tests = { name: 'ci', passed: 41, failed: 0, failures: [], of: 1 };
  world.say = ({ kind }) =>
    kind === 'build'
      ? { is: 'done', result: { package: submitted.package, file: serviceFile, tests } }
      : undefined;
  expect(await world.do(request())).toMatchObject({ accepted: true, version: 1 });
  await world.run(5_000);
  const [attempt] = world.attempts;
  expect(attempt).toMatchObject({ kind: 'build', input: { submitted } });
  await world.approve('hello.production.1');
  await world.run(30_000);
  expect(world.slot('production').live?.version).toBe(1);
  expect(world.release(1).suites[0]).toEqual(tests);
});

it('nobody releases without a package what an outside CI builds, and is told how', async () => {
  const world = new CoreWorld(policy(external));
  const { submitted: _left, ...without } = request({ by: ada });
  expect(await world.do(without)).toMatchObject({
    refused: 'bad input',
    sentence: expect.stringContaining('`bakery submit`'),
  });
  expect(world.releases()).toEqual([]);
});

it('a commit that is handed over under a tag is known as what the tag points to', async () => {
  const { dir, git, commit } = newRepository();
  const [tagged, other] = [commit('one'), commit('two')];
  git('tag', 'fix-1', tagged);
  const world = new CoreWorld(policy({ ...external, repository: dir, tags: 'fix-*' }));
  const { policies } = world.parts;
  const query = sqliteQueries({
    ...{ db: world.file.db, policies, now: () => world.now },
    store: directoryStore(tempFolder()),
  });
  const asked: PipelineCommand[] = [];
  const pipeline = frontDoor({
    engine: {
      handle: async (command) => {
        asked.push(command);
        return { accepted: true, sentence: '' };
      },
      traced: async (_asked, answer) => answer,
      subscribe: () => () => undefined,
    },
    query,
    outbox: sqliteOutbox(
      world.file.db,
      (service) => policies.get(service),
      () => world.now,
    ),
    repositories: gitRepositories({ cacheDir: tempFolder() }),
  });
  for (const [ref, sha] of [
    ['fix-1', tagged],
    ['fix-1', other],
    ['gone', other],
    ['main', other],
  ] as const)
    await pipeline.requestRelease({ service: 'hello', by: ci, ref, submitted: { ...submitted, sha } });
  expect(
    asked.map((one) => (one.do === 'request release' ? [one.commit.ref, one.commit.isTag] : one)),
  ).toEqual([
    ['fix-1', true],
    ['fix-1', undefined],
    ['gone', undefined],
    ['main', undefined],
  ]);
});

it('a package for a service that Bakery builds is refused', async () => {
  const world = new CoreWorld();
  expect(await world.do(request())).toMatchObject({ refused: 'bad input' });
  expect(world.releases()).toEqual([]);
});

const file = (build: string) => `
build: ${build}
image: { start: [node, server.js] }
health: { path: /healthz, within: 5s }
`;
const green = '<testsuites><testsuite><testcase name="a"/><testcase name="b"/></testsuite></testsuites>';
const red = '<testsuite><testcase name="sums"><failure/></testcase><testcase name="b"/></testsuite>';

/** The real task, in a real repository, with what was handed over in a real store. */
async function taken(build: string, reports: string[], isThere = true) {
  const repository = gitRepository();
  const sha = repository.commit({ 'bakery.yaml': file(build) });
  const tools = taskTools();
  const stored = await tools.store.put('the package');
  const digests = await Promise.all(reports.map(async (xml) => (await tools.store.put(xml)).digest));
  const made = { ...stored, name: 'hello.tar', ...(isThere ? {} : { digest: `sha256:${'2'.repeat(64)}` }) };
  const outcome = await buildTask.run(
    {
      repository: repository.path,
      folder: '',
      sha,
      service: 'hello',
      version: 7,
      submitted: { package: made, reports: digests },
    },
    tools,
    taskCall().call,
  );
  expect(readdirSync(tools.scratch)).toEqual([]);
  return { outcome, made };
}

it('what was handed over is taken with the file of its commit and the counts of its tests', async () => {
  const { outcome, made } = await taken('external', [green, green]);
  expect(outcome).toMatchObject({
    is: 'done',
    result: {
      package: made,
      file: { build: { external: true }, health: { path: '/healthz' } },
      tests: { name: 'ci', passed: 4, failed: 0, of: 7 },
    },
  });
});

it.each([
  ['whose tests failed', 'external', [green, red], true, 'tests failed', '1 of 4 tests'],
  ['whose report is none', 'external', ['hello'], true, 'tests failed', 'no JUnit report'],
  ['that the store lost', 'external', [], false, 'no package', 'cleaned up'],
  [
    'of a commit that says how to build it',
    '{ package: { run: [x], file: a } }',
    [],
    true,
    'bad service file',
    'build: external',
  ],
] as const)(
  'a package %s is not taken, and it is said why',
  async (_what, build, reports, isThere, fault, words) => {
    const { outcome } = await taken(build, [...reports], isThere);
    expect(outcome).toMatchObject({
      is: 'failed',
      failure: { fault, sentence: expect.stringContaining(words) },
    });
  },
);

it('a mistake in how it is built is still told by its line', () => {
  const reading = parseServiceFile(file('{ package: { run: x, file: a } }'), 'bakery.yaml');
  expect(reading).toMatchObject({
    problems: [
      { line: 2, sentence: expect.stringContaining('`build.package.run` must be an argument list') },
    ],
  });
  const word = parseServiceFile(file('extern'), 'bakery.yaml');
  expect(word).toMatchObject({ problems: [{ sentence: expect.stringContaining('must be `external`') }] });
});

it('the tests of an outside CI stand beside those of the candidate', () => {
  const happened = (event: Event) => ({ event, at: 1 });
  const of = { service: 'hello', version: 1 };
  const tests = { name: 'ci', passed: 41, failed: 0, failures: [], of: 1 };
  const functional = { name: 'functional', passed: 2, failed: 0, failures: [], of: 1 };
  const commit = { sha: 'a', ref: 'main', subject: 't1', author: 't2', email: 't3' };
  const events: Event[] = [
    { type: 'ReleaseRequested', ...of, by: ci, commit, submitted },
    { type: 'PackageBuilt', ...of, package: submitted.package, file: serviceFile, tests },
    { type: 'SuitesRun', ...of, suites: [functional] },
  ];
  const release = events.reduce(
    (row: Release | undefined, event) => evolveRelease(row, happened(event)),
    undefined,
  );
  expect(release?.suites).toEqual([tests, functional]);
});
