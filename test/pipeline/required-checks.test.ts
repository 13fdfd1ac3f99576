import { beforeEach, describe, expect, it } from 'vitest';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import type { Check } from '../../src/pipeline/domain/checks.ts';
import { frontDoor } from '../../src/pipeline/front-door.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { ProviderError } from '../../src/pipeline/provider.ts';
import { CoreWorld, commitNamed } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';

const guarded = policy({
  people: { bake: ['*'], approve: ['T1/UADA'], rollback: ['*'], retire: ['*'], override: ['T1/UADA'] },
  checks: {
    forge: 'github',
    api: 'https://forge.example',
    project: 'acme/hello',
    required: ['build', 'lint'],
  },
});
let world: CoreWorld;
let pipeline: Pipeline;
let found: Check[] | ProviderError;
let repository: ProviderError | undefined;
/** Commits that the forge was asked about. */
let asked: string[];

beforeEach(async () => {
  world = new CoreWorld(guarded);
  asked = [];
  found = [];
  repository = undefined;
  const { policies } = world.parts;
  const now = () => world.now;
  pipeline = frontDoor({
    engine: {
      handle: (command) => world.deciding.command(command),
      traced: (command, answer) => world.deciding.traced(command, answer),
      subscribe: () => () => undefined,
    },
    query: sqliteQueries({ db: world.file.db, store: {} as never, policies, now }),
    outbox: sqliteOutbox(world.file.db, (service) => policies.get(service), now),
    repositories: {
      find: async ({ ref }) => ({ ...commitNamed(ref), ref, isTag: false }),
      touches: async () => true,
      ancestors: async () => ({}),
      reachable: async () => {
        if (repository instanceof ProviderError) throw repository;
        return true;
      },
    },
    forge: {
      async checks(_, sha) {
        asked.push(sha);
        if (found instanceof ProviderError) throw found;
        return found;
      },
    },
  });
  await world.push('one');
  await world.run(5_000);
});

const approve = () => {
  const { image, plan } = world.deployment('hello.production.1');
  const bound = { image: image.digest, settings: plan.settings.digest };
  return pipeline.handle({
    do: 'approve',
    service: 'hello',
    deployment: 'hello.production.1',
    ...bound,
    by: ada,
  });
};
const override = () =>
  pipeline.handle({
    do: 'override',
    service: 'hello',
    version: 1,
    environment: 'production',
    reason: 'the shop is down',
    by: ada,
  });
const passed = (name: string): Check => ({ name, state: 'passed' });

describe('checks that a service requires', () => {
  it('are asked for at the click, and nothing is approved before they are green', async () => {
    found = [passed('build'), { name: 'lint', state: 'running' }];
    expect(await approve()).toMatchObject({
      refused: 'not in good standing',
      sentence: expect.stringContaining('are not green: lint still runs.'),
    });
    found = [passed('build'), passed('lint')];
    expect(await approve()).toMatchObject({ accepted: true });
    expect(asked).toEqual([world.release(1).commit.sha, world.release(1).commit.sha]);
  });

  it('that cannot be asked for keep everything from being approved', async () => {
    found = new ProviderError('unreachable', 'The forge at forge.example does not answer.');
    expect(await approve()).toMatchObject({
      refused: 'bad input',
      sentence: expect.stringContaining('nothing was done: The forge at forge.example does not answer.'),
    });
    expect(world.deployment('hello.production.1').wait?.for).toBe('approval');
  });

  it('are put aside by an override, which says so, with the forge away too', async () => {
    found = new ProviderError('unreachable', 'The forge at forge.example does not answer.');
    expect(await override()).toMatchObject({ accepted: true });
    await world.run(20_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment('hello.production.1').override?.lifts).toContain('checks');
  });
});

describe('a repository that is away', () => {
  const away = () => new ProviderError('unreachable', 'The repository does not answer.');

  it('keeps everything from being approved, and nothing from an override, which says what it put aside', async () => {
    found = [passed('build'), passed('lint')];
    repository = away();
    expect(await approve()).toMatchObject({ refused: 'bad input' });
    expect(await override()).toMatchObject({ accepted: true });
    await world.run(20_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment('hello.production.1').override?.lifts).toContain('branch');
  });
});
