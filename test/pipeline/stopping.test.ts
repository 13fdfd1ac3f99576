import { describe, expect, it } from 'vitest';
import { note } from '../../src/bot/views/note.ts';
import { events } from '../../src/ledger/schema.ts';
import { readTexts } from '../../src/ledger/texts.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import { CoreWorld } from '../support/core-world.ts';
import { held, world } from '../support/held-worlds.ts';
import { ada, eve, policy } from '../support/policies.ts';

describe('stopping everything', () => {
  it('ends what has not begun to move traffic, and touches nothing that has', async () => {
    const made = await world(2);
    made.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
    await made.push('three', eve);
    await made.run(1_000);
    const stop = { do: 'stop', service: 'hello', reason: 'an incident' } as const;
    expect(await made.do({ ...stop, reason: '', by: ada })).toMatchObject({ refused: 'bad input' });
    await made.do({ ...stop, by: ada });
    await made.run(10_000);
    expect(made.release(3).state).toBe('cancelled');
    expect(made.slot('production').live?.version).toBe(1);
    expect(await made.do({ ...stop, by: ada })).toMatchObject({ refused: 'nothing to do' });
  });

  it('tells in each thread the reason that it was given', async () => {
    const made = await world();
    const stop = { do: 'stop', service: 'hello', reason: 'the gateway burns', by: ada } as const;
    await made.do(stop);
    made.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
    await made.push('two', eve);
    await made.run(1_000);
    await made.do(stop);
    const told = made.file.db
      .select()
      .from(events)
      .all()
      .flatMap(({ shape, body }) => {
        const event = upcast(shape, body);
        if (!event.type.endsWith('CancelRequested')) return [];
        const texts = readTexts(made.file.db, [event]);
        return note({ event, at: made.now, policy: held, texts })?.text ?? [];
      });
    expect(told).toEqual([
      expect.stringMatching(/cancelled \*hello v1\* for \*production\*.*the gateway burns/),
      expect.stringMatching(/v2\* was cancelled by <@UADA>.*the gateway burns/),
    ]);
  });

  it('is refused to a person without the right to release', async () => {
    const made = new CoreWorld(policy({ ...held, people: { ...held.people, bake: ['T1/UADA'] } }));
    expect(await made.do({ do: 'stop', service: 'hello', reason: 'x', by: eve })).toMatchObject({
      refused: 'not allowed',
    });
  });

  it.each(['stop', 'revoke'] as const)(
    'and %s leaves alone what may serve by itself already, whatever was heard of it',
    async (how) => {
      const made = new CoreWorld(policy(held));
      made.say = ({ kind, effect }) => (kind === 'shift' && effect.includes('dev') ? 'hang' : undefined);
      await made.push('one');
      await made.run(5_000);
      expect(made.deployment('hello.dev.1')).toMatchObject({ admitted: true, share: 0, state: 'running' });
      const order = { service: 'hello', reason: 'an incident', by: ada } as const;
      const answer = await made.do(
        how === 'stop' ? { ...order, do: 'stop' } : { ...order, do: 'revoke', version: 1 },
      );
      expect(made.deployment('hello.dev.1').state).toBe('running');
      if (how === 'revoke')
        expect(answer.sentence).toContain('It still runs: v1 in dev (on its way): release');
    },
  );
});
