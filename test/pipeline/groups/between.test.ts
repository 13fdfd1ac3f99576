import { describe, expect, it } from 'vitest';
import { asked, GroupWorld } from '../../support/group-world.ts';
import { ada } from '../../support/policies.ts';

describe('what comes between a group and its end', () => {
  it('calls all of them off when one is rejected, cancelled or expires', async () => {
    for (const how of ['reject', 'cancel', 'expire', 'cancel all'] as const) {
      const world = new GroupWorld();
      await asked(world);
      const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
      if (how === 'reject') await world.do({ do: 'reject group', ...order, reason: 'not today' });
      if (how === 'cancel')
        await world.do({
          do: 'cancel deployment',
          service: 'api',
          deployment: world.newest('api').id,
          by: ada,
        });
      if (how === 'cancel all') await world.do({ do: 'cancel group', service: 'shop', version: 1, by: ada });
      if (how === 'expire') await world.upkeep(25 * 3_600_000, 3_600_000);
      await world.run(10_000);
      expect(world.group(1).state, how).toBe(how === 'cancel all' ? 'cancelled' : 'ended');
      for (const service of ['worker', 'api', 'web']) expect(world.of(service)?.open, how).toEqual([]);
      expect(world.moved(), how).toEqual([]);
    }
  });

  it('gives way to a newer one, which takes along what it does not touch', async () => {
    const world = new GroupWorld();
    await asked(world);
    await world.wish('two', [
      { service: 'worker', carry: 1 },
      { service: 'api' },
      { service: 'web', carry: 1 },
    ]);
    await world.run(10_000);
    expect(world.group(1)).toMatchObject({ state: 'superseded', supersededBy: 2 });
    expect(world.group(2).members.map(({ version }) => version)).toEqual([1, 2, 1]);
    await world.approveAll(2);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v2', 'web v1']);
  });

  it('lets one that has begun end before a newer one begins', async () => {
    const world = new GroupWorld();
    await asked(world);
    world.say = ({ kind, effect }) => (kind === 'watch' && effect.includes('worker.') ? 'hang' : undefined);
    await world.approveAll(1);
    await world.run(10_000);
    await asked(world, 'two');
    expect(world.inPlace(1)?.state).toBe('rolling out');
    expect(world.inPlace(2)?.state).toBe('asking');
    await world.approveAll(2);
    await world.run(10_000);
    expect(world.moved()).toEqual(['worker v1']);
    world.say = () => undefined;
    for (const attempt of world.hanging.splice(0)) world.work(attempt);
    await world.run(120_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1', 'worker v2', 'api v2', 'web v2']);
  });

  it('is overtaken as a whole by a hotfix that asks for its own word', async () => {
    const world = new GroupWorld();
    await asked(world);
    await world.wish('fix', [{ service: 'api' }], ada, { hotfix: 'the site is down' });
    await world.run(10_000);
    expect(world.group(1).state).toBe('superseded');
    expect(world.of('worker')?.open).toEqual([]);
    await world.approveAll(2);
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v2']);
  });

  it('is asked for again after it came to nothing', async () => {
    const world = new GroupWorld();
    await asked(world);
    const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'reject group', ...order, reason: 'not today' });
    await world.run(10_000);
    expect(await world.do({ do: 'deploy group', ...order })).toMatchObject({ accepted: true });
    await world.run(10_000);
    await world.approveAll(1);
    await world.run(60_000);
    expect(world.moved()).toEqual(['worker v1', 'api v1', 'web v1']);
  });

  it('goes on without one that was put there by override', async () => {
    const world = new GroupWorld();
    for (const [name, of] of world.policies)
      world.policies.set(name, { ...of, people: { ...of.people, override: ['*'] } });
    await asked(world);
    const order = { service: 'api', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'override', ...order, reason: 'it cannot wait' });
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v1']);
    await world.approveAll(1);
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v1', 'worker v1', 'web v1']);
    expect(world.group(1).state).toBe('finished');
  });

  it('lets one service go alone when somebody names it', async () => {
    const world = new GroupWorld();
    await asked(world);
    const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'reject group', ...order, reason: 'not today' });
    await world.run(10_000);
    await world.do({ do: 'deploy', service: 'api', version: 1, environment: 'production', by: ada });
    await world.run(10_000);
    const { id, image, plan, wait } = world.newest('api');
    expect(wait?.for).toBe('approval');
    await world.do({
      ...{ do: 'approve', service: 'api', deployment: id, by: ada },
      ...{ image: image.digest, settings: plan.settings.digest },
      verified: { reachable: true },
    });
    await world.run(60_000);
    expect(world.moved()).toEqual(['api v1']);
  });

  it('takes the others back when one is rolled back by hand on the way', async () => {
    const world = new GroupWorld();
    await world.through('one', 1);
    await asked(world, 'two');
    world.say = ({ kind, effect }) => (kind === 'launch' && effect.includes('web.') ? 'hang' : undefined);
    await world.approveAll(2);
    await world.run(30_000);
    expect(world.live()).toEqual({ worker: 2, api: 2, web: 1 });
    await world.do({ do: 'roll back', service: 'api', version: 1, environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.live()).toEqual({ worker: 1, api: 1, web: 1 });
  });

  it('is refused when none of it differs from what is on its way', async () => {
    const world = new GroupWorld();
    await asked(world);
    expect(await world.ship('one')).toMatchObject({ refused: 'already there' });
  });

  it('reminds those who must act, and only while they have to', async () => {
    const world = new GroupWorld();
    await asked(world);
    await world.upkeep(2 * 3_600_000, 60_000);
    expect(world.inPlace(1)?.reminders).toBe(2);
    await world.approveAll(1);
    await world.upkeep(4 * 3_600_000, 600_000);
    expect(world.inPlace(1)?.reminders).toBe(2);
  });
});
