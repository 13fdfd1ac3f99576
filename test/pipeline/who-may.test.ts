import { describe, expect, it } from 'vitest';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import type { PipelineCommand } from '../../src/pipeline/domain/command.ts';
import { whatOf } from '../../src/pipeline/domain/group-what.ts';
import { CoreWorld, commitNamed, failed } from '../support/core-world.ts';
import { GroupWorld, shopServices } from '../support/group-world.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';

/** Ada holds every right, Bob may lock, Eve may nothing. */
const rights = policy({
  admins: ['T1/UADA'],
  people: {
    bake: ['T1/UADA'],
    approve: ['T1/UADA'],
    rollback: ['T1/UADA'],
    retire: ['T1/UADA'],
    lock: ['T1/UADA', 'T1/UBOB'],
    override: ['T1/UADA'],
    trace: ['T1/UADA'],
  },
  environments: [
    environment('dev', 4001),
    environment('production', 4003, {
      promotion: 'approval',
      approvals: 1,
      production: true,
      retireAfter: 3_600_000,
      whenNewer: 'ask',
    }),
  ],
});

interface Case {
  /** Another world than that of one service. */
  world?(): CoreWorld;
  /** What has to be so before. */
  given?(world: CoreWorld): Promise<unknown>;
  order(world: CoreWorld, by: Actor): PipelineCommand;
  /** Where the right alone is shown: there is nothing to do in this world, and that is what one with the right hears. */
  nothingToDo?: true;
}

const service = 'hello';
const inProduction = { service, environment: 'production' } as const;
const first = 'hello.production.1';
const second = 'hello.production.2';

const waiting = async (world: CoreWorld): Promise<void> => {
  await world.push('one');
  await world.run(5_000);
};
const live = async (world: CoreWorld): Promise<void> => {
  await waiting(world);
  await world.approve(first);
  await world.run(30_000);
};
const beside = async (world: CoreWorld): Promise<void> => {
  await live(world);
  await world.push('two');
  await world.run(5_000);
  await world.approve(second);
  await world.run(30_000);
};
const locked = (world: CoreWorld, by: Actor) =>
  world.do({ do: 'lock', ...inProduction, reason: 'a look', by });
const frozen = (world: CoreWorld) =>
  world.do({ do: 'freeze', service, reason: 'a look', until: world.now + 60_000, by: ada });
const yesTo = (world: CoreWorld) => {
  const { image, plan } = world.deployment(first);
  return { service, deployment: first, image: image.digest, settings: plan.settings.digest };
};

const ofShop = { service: 'shop' } as const;
const one = { version: 1, environment: 'production' } as const;
const wishes = shopServices.map((name) => ({ service: name }));
const group = (): GroupWorld => {
  const world = new GroupWorld();
  for (const [name, of] of world.policies) world.policies.set(name, { ...of, people: rights.people });
  return world;
};
const groupWaits = async (world: CoreWorld): Promise<void> => {
  await world.do({ do: 'request group', ...ofShop, commit: commitNamed('one'), wishes, by: ada });
  await world.run(10_000);
};
const whatIn = (world: CoreWorld): string =>
  whatOf(
    shopServices.map((name) => ({ service: name, deployment: world.deployment(`${name}.production.1`) })),
  );

/** Every command that there is: the type sees to it that none is missing. */
const cases: Record<PipelineCommand['do'], Case> = {
  'request release': {
    order: (_, by) => ({ do: 'request release', service, commit: commitNamed('one'), by }),
  },
  deploy: {
    async given(world) {
      await waiting(world);
      await world.do({ do: 'cancel deployment', service, deployment: first, by: ada });
      await world.run(5_000);
    },
    order: (_, by) => ({ do: 'deploy', ...inProduction, version: 1, by }),
  },
  'roll back': { given: beside, order: (_, by) => ({ do: 'roll back', ...inProduction, version: 1, by }) },
  approve: {
    given: waiting,
    order: (world, by) => ({ do: 'approve', ...yesTo(world), by, verified: { reachable: true } }),
  },
  reject: {
    given: waiting,
    order: (_, by) => ({ do: 'reject', service, deployment: first, reason: 'not today', by }),
  },
  'cancel release': {
    async given(world) {
      world.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
      await waiting(world);
    },
    order: (_, by) => ({ do: 'cancel release', service, version: 1, by }),
  },
  'cancel deployment': {
    given: waiting,
    order: (_, by) => ({ do: 'cancel deployment', service, deployment: first, by }),
  },
  retire: { given: beside, order: (_, by) => ({ do: 'retire', service, deployment: second, by }) },
  keep: {
    given: waiting,
    order: (_, by) => ({ do: 'keep', service, version: 1, pinned: true, by }),
  },
  'read output': { given: live, order: (_, by) => ({ do: 'read output', ...inProduction, by }) },
  'read traces': { given: waiting, order: (_, by) => ({ do: 'read traces', service, version: 1, by }) },
  'allow repairs': {
    given: live,
    order: (_, by) => ({ do: 'allow repairs', ...inProduction, by }),
    nothingToDo: true,
  },
  'allow reaper': { given: live, order: (_, by) => ({ do: 'allow reaper', service, by }), nothingToDo: true },
  'retry release': {
    async given(world) {
      world.say = ({ kind }) => (kind === 'bake' ? failed('quota', 'no room') : undefined);
      await waiting(world);
    },
    order: (_, by) => ({ do: 'retry release', service, version: 1, stage: 'bake', by }),
  },
  'retry deployment': {
    async given(world) {
      await waiting(world);
      world.say = ({ kind }) => (kind === 'launch' ? failed('quota', 'no room') : undefined);
      await world.approve(first);
      await world.run(30_000);
      world.say = () => undefined;
    },
    order: (_, by) => ({ do: 'retry deployment', service, deployment: first, stage: 'launch', by }),
  },
  override: {
    given: waiting,
    order: (_, by) => ({ do: 'override', ...inProduction, version: 1, reason: 'the site is down', by }),
  },
  'give way': {
    async given(world) {
      await waiting(world);
      await world.push('two');
      await world.run(5_000);
    },
    order: (_, by) => ({ do: 'give way', service, deployment: second, choice: 'replace', by }),
  },
  lock: { given: waiting, order: (_, by) => ({ do: 'lock', ...inProduction, reason: 'a look', by }) },
  unlock: { given: (world) => locked(world, ada), order: (_, by) => ({ do: 'unlock', ...inProduction, by }) },
  'steal lock': {
    given: (world) => locked(world, bob),
    order: (_, by) => ({ do: 'steal lock', ...inProduction, reason: 'he is away', by }),
  },
  revoke: {
    given: waiting,
    order: (_, by) => ({ do: 'revoke', service, version: 1, reason: 'a bad library', by }),
  },
  stop: { given: waiting, order: (_, by) => ({ do: 'stop', service, reason: 'an incident', by }) },
  freeze: {
    order: (world, by) => ({ do: 'freeze', service, reason: 'an audit', until: world.now + 60_000, by }),
  },
  unfreeze: { given: frozen, order: (_, by) => ({ do: 'unfreeze', service, by }) },
  'freeze all': {
    order: (world, by) => ({ do: 'freeze all', service: 'all', reason: 'x', until: world.now + 60_000, by }),
  },
  'unfreeze all': {
    given: (world) =>
      world.do({ do: 'freeze all', service: 'all', reason: 'x', until: world.now + 60_000, by: ada }),
    order: (_, by) => ({ do: 'unfreeze all', service: 'all', by }),
  },
  'request group': {
    world: group,
    order: (_, by) => ({ do: 'request group', ...ofShop, commit: commitNamed('one'), wishes, by }),
  },
  'approve group': {
    world: group,
    given: groupWaits,
    order: (world, by) => ({
      ...{ do: 'approve group', ...ofShop, ...one, what: whatIn(world), by },
      verified: { reachable: true },
    }),
  },
  'reject group': {
    world: group,
    given: groupWaits,
    order: (_, by) => ({ do: 'reject group', ...ofShop, ...one, reason: 'not today', by }),
  },
  'cancel group': {
    world: group,
    given: groupWaits,
    order: (_, by) => ({ do: 'cancel group', ...ofShop, version: 1, by }),
  },
  'deploy group': {
    world: group,
    async given(world) {
      await groupWaits(world);
      await world.do({ do: 'reject group', ...ofShop, ...one, reason: 'not today', by: ada });
      await world.run(5_000);
    },
    order: (_, by) => ({ do: 'deploy group', ...ofShop, ...one, by }),
  },
  'roll back group': {
    world: group,
    async given(world) {
      await groupWaits(world);
      await world.do({
        ...{ do: 'approve group', ...ofShop, ...one, what: whatIn(world), by: ada },
        verified: { reachable: true },
      });
      await world.run(60_000);
    },
    order: (_, by) => ({ do: 'roll back group', ...ofShop, environment: 'production', by }),
  },
  claim: {
    async given(world) {
      world.parts.admins = [];
      world.parts.claimCode = 'the code';
    },
    order: (_, by) => ({ do: 'claim', service: 'all', code: by === ada ? 'the code' : 'a guess', by }),
  },
};

async function worldFor({ given, world: made }: Case): Promise<CoreWorld> {
  const world = made?.() ?? new CoreWorld(rights);
  world.parts.admins = ['T1/UADA'];
  await given?.(world);
  return world;
}

describe('the command', () => {
  for (const [name, one] of Object.entries(cases)) {
    it(`“${name}” is taken from one who holds the right, and the trail says why`, async () => {
      const world = await worldFor(one);
      const answer = await world.do(one.order(world, ada));
      expect(answer).toMatchObject(one.nothingToDo ? { refused: 'nothing to do' } : { accepted: true });
      const last = world.trail().at(-1);
      expect(last).toMatchObject({
        command: name,
        by: ada,
        outcome: one.nothingToDo ? 'nothing to do' : 'accepted',
      });
      if (!one.nothingToDo) expect(last?.grants.length).toBeGreaterThan(0);
    });

    it(`“${name}” is refused to one who does not hold the right, changes nothing, and leaves a trace`, async () => {
      const world = await worldFor(one);
      const before = world.eventTypes();
      const answer = await world.do(one.order(world, eve));
      expect(answer).toMatchObject({ refused: 'not allowed' });
      expect(world.eventTypes()).toEqual(before);
      expect(world.trail().at(-1)).toMatchObject({
        command: name,
        by: eve,
        outcome: 'not allowed',
        grants: [],
      });
    });
  }
});
