import { describe, expect, it } from 'vitest';
import type { Calendar } from '../../src/pipeline/domain/calendar.ts';
import { openCalendar } from '../../src/pipeline/domain/calendar.ts';
import { CoreWorld } from '../support/core-world.ts';
import { first, held, inProduction, second, world } from '../support/held-worlds.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';

const hour = 3_600_000;

describe('a freeze', () => {
  const freeze = (made: CoreWorld, by = ada) =>
    made.do({ do: 'freeze', service: 'hello', reason: 'the audit', until: made.now + 5 * hour, by });

  it('refuses approvals with its reason, and lets them through when it is over', async () => {
    const made = await world();
    await freeze(made);
    expect(await made.approve(first, bob)).toMatchObject({
      refused: 'frozen',
      sentence: expect.stringContaining('the audit'),
    });
    await made.run(5 * hour + 60_000);
    expect(await made.approve(first, bob)).toMatchObject({ accepted: true });
  });

  it('is refused to a person without the right, and given to one who has it', async () => {
    const made = await world();
    expect(await freeze(made, eve)).toMatchObject({ refused: 'not allowed' });
    expect(await freeze(made, bob)).toMatchObject({ accepted: true });
    expect(await made.do({ do: 'unfreeze', service: 'hello', by: eve })).toMatchObject({
      refused: 'not allowed',
    });
    expect(await made.do({ do: 'unfreeze', service: 'hello', by: bob })).toMatchObject({ accepted: true });
  });

  it('voids what was approved before it, and a window of the configuration does too', async () => {
    const two = policy({
      ...held,
      environments: [
        environment('dev', 4001),
        environment('production', 4003, { promotion: 'approval', approvals: 2 }),
      ],
    });
    for (const how of ['ordered', 'window'] as const) {
      const made = new CoreWorld(two);
      let windows: ReturnType<Calendar['windows']> = [];
      made.parts.calendar = () => ({ ...openCalendar, windows: () => windows });
      await made.push('one', eve);
      await made.run(5_000);
      await made.approve(first, ada);
      if (how === 'ordered') await freeze(made);
      else windows = [{ id: 'weekend', scope: 'hello', since: 0, until: made.now + hour, name: 'weekend' }];
      await made.run(2_000);
      expect(made.deployment(first)).toMatchObject({ approvals: [], wait: { for: 'freeze' } });
      windows = [];
      if (how === 'ordered') await made.do({ do: 'unfreeze', service: 'hello', by: ada });
      await made.run(2_000);
      expect(made.deployment(first).wait?.for).toBe('approval');
    }
  });

  it('lets rollbacks through, and an override', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    await freeze(made);
    await made.do({ do: 'roll back', ...inProduction, version: 1, by: bob });
    await made.run(10_000);
    expect(made.slot('production').live?.version).toBe(1);
    await made.push('three', eve);
    await made.run(5_000);
    await made.do({ do: 'override', ...inProduction, version: 3, reason: 'the fix', by: ada });
    await made.run(30_000);
    expect(made.slot('production').live?.version).toBe(3);
  });

  it('of everything takes an administrator, and ends what waits everywhere', async () => {
    const made = await world();
    made.parts.admins = ['T1/UADA'];
    const all = { do: 'freeze all', service: 'all', reason: 'moving house', until: made.now + hour } as const;
    expect(await made.do({ ...all, by: bob })).toMatchObject({ refused: 'not allowed' });
    expect(await made.do({ ...all, by: ada })).toMatchObject({ accepted: true });
    await made.run(1_000);
    expect(made.deployment(first).wait?.for).toBe('freeze');
    expect(await made.do({ do: 'unfreeze all', service: 'all', by: bob })).toMatchObject({
      refused: 'not allowed',
    });
    await made.do({ do: 'unfreeze all', service: 'all', by: ada });
    await made.run(1_000);
    expect(made.deployment(first).wait?.for).toBe('approval');
  });
});
