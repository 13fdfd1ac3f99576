import { describe, expect, it } from 'vitest';
import { first, inProduction, second, world } from '../support/held-worlds.ts';
import { ada, bob, eve } from '../support/policies.ts';

const hour = 3_600_000;

describe('a lock', () => {
  it('keeps new releases out, and every refusal says holder, age, reason and end', async () => {
    const made = await world();
    await made.do({ do: 'lock', ...inProduction, reason: 'migrating the database', by: ada });
    await made.run(10 * 60_000);
    const answer = await made.approve(first, bob);
    expect(answer).toMatchObject({
      refused: 'locked',
      sentence: expect.stringMatching(/<@UADA> for 10 min: migrating the database\. It ends in 110 min/),
    });
  });

  it('is refused to a person without the right, and given to one who has it', async () => {
    const made = await world();
    const asked = { do: 'lock', ...inProduction, reason: 'just so' } as const;
    expect(await made.do({ ...asked, by: eve })).toMatchObject({ refused: 'not allowed' });
    expect(await made.do({ ...asked, by: bob })).toMatchObject({ accepted: true });
  });

  it('needs a reason, and an end within a week', async () => {
    const made = await world();
    const asked = { do: 'lock', ...inProduction, by: ada } as const;
    expect(await made.do({ ...asked, reason: ' ' })).toMatchObject({ refused: 'bad input' });
    expect(await made.do({ ...asked, reason: 'x', until: made.now + 8 * 24 * hour })).toMatchObject({
      refused: 'bad input',
    });
    expect(await made.do({ ...asked, reason: 'x', until: made.now - 1 })).toMatchObject({
      refused: 'bad input',
    });
  });

  it('ends by itself, after its holder was asked whether it is still needed', async () => {
    const made = await world();
    await made.do({ do: 'lock', ...inProduction, reason: 'a look', by: ada });
    for (let step = 0; step < 5; step++) await made.run(hour / 2);
    expect(made.slot('production').lock).toBeUndefined();
    const types = made.eventTypes();
    expect(types.filter((type) => type === 'LockNagged').length).toBeGreaterThan(0);
    expect(types.at(-1)).toBe('SlotUnlocked');
    expect(await made.approve(first, bob)).toMatchObject({ accepted: true });
  });

  it('is ended by its holder only; others take it over with a reason', async () => {
    const made = await world();
    await made.do({ do: 'lock', ...inProduction, reason: 'mine', by: ada });
    expect(await made.do({ do: 'lock', ...inProduction, reason: 'mine too', by: bob })).toMatchObject({
      refused: 'locked',
    });
    expect(await made.do({ do: 'unlock', ...inProduction, by: bob })).toMatchObject({ refused: 'locked' });
    expect(await made.do({ do: 'steal lock', ...inProduction, reason: '', by: bob })).toMatchObject({
      refused: 'bad input',
    });
    expect(
      await made.do({ do: 'steal lock', ...inProduction, reason: 'she is away', by: bob }),
    ).toMatchObject({
      sentence: expect.stringContaining('<@UADA> is told'),
    });
    expect(await made.do({ do: 'unlock', ...inProduction, by: bob })).toMatchObject({ accepted: true });
    expect(made.slot('production').lock).toBeUndefined();
  });

  it('is waited for by what promotes by itself, and lets rollbacks through', async () => {
    const made = await world(2);
    await made.do({ do: 'lock', service: 'hello', reason: 'hold on', by: ada });
    await made.push('another', eve);
    await made.run(5_000);
    expect(made.deployment('hello.dev.3').wait?.for).toBe('lock');
    await made.do({ do: 'unlock', service: 'hello', by: ada });
    await made.run(5_000);
    expect(made.slot('dev').live?.version).toBe(3);
  });

  it('of production lets a rollback through', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    await made.do({ do: 'lock', ...inProduction, reason: 'hold on', by: ada });
    await made.do({ do: 'roll back', ...inProduction, version: 1, by: bob });
    await made.run(10_000);
    expect(made.slot('production').live?.version).toBe(1);
  });
});

describe('a quarantine', () => {
  it('keeps the version out that a rollback left, lets newer ones through, and is lifted by an override', async () => {
    const made = await world(2);
    await made.approve(second, ada);
    await made.run(30_000);
    await made.do({ do: 'roll back', ...inProduction, version: 1, by: ada });
    await made.run(10_000);
    const again = { do: 'deploy', ...inProduction, version: 2, by: ada } as const;
    expect(await made.do(again)).toMatchObject({ sentence: expect.stringContaining('/bake override') });
    await made.do({ do: 'override', ...inProduction, version: 2, reason: 'it was the database', by: ada });
    await made.run(30_000);
    expect(made.slot('production').live?.version).toBe(2);
    expect(made.release(2).quarantined.production).toBeUndefined();
    expect(made.deployment('hello.production.4').override?.lifts).toContain('quarantine');
  });
});
