import { describe, expect, it } from 'vitest';
import { noon, policy, stageBegan, texts } from '../support/sample.ts';
import {
  building,
  cardOf,
  clock,
  looks,
  openedForEach,
  pipeline,
  putCard,
  slack,
  start,
} from '../support/small-messenger.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

describe('a note', () => {
  const about = { at: noon, policy, texts };
  const putNote = (seq: number, version: number): void => {
    pipeline.notes.set(seq, { ...about, event: { type: 'ReleasePromoted', service: 'hello', version } });
    pipeline.put({ key: `note-${seq}`, content: { kind: 'note', seq, card: 'card-2' } });
  };

  it('waits for its card, then stands in its thread, in order', async () => {
    pipeline.releases.set('hello/2', building());
    pipeline.put({ ...cardOf(), notBefore: clock.time + 1000 });
    putNote(8, 8);
    putNote(7, 7);
    start();
    await looks();
    expect(slack.messages).toEqual([]);
    clock.time += 1000;
    await until('all three', () => slack.messages.length === 3);
    const [card, ...notes] = slack.messages;
    expect(notes.map(({ thread_ts }) => thread_ts)).toEqual([card?.ts, card?.ts]);
    expect(notes.map(({ text }) => text.includes('v7'))).toEqual([true, false]);
    expect(notes[0]?.reply_broadcast).toBeUndefined();
  });

  it('of a failure is sent to the channel too', async () => {
    const failure = { stage: 'build', fault: 'command failed' as const, sentence: 'why', at: noon };
    start();
    putCard();
    pipeline.notes.set(9, {
      ...about,
      event: { type: 'ReleaseStageFailed', service: 'hello', version: 2, failure },
    });
    pipeline.put({ key: 'note-9', content: { kind: 'note', seq: 9, card: 'card-2' } });
    await until('the note', () => slack.messages.length === 2);
    expect(slack.messages[1]?.reply_broadcast).toBe(true);
  });

  it('that has nothing to say is given up and holds nothing up', async () => {
    start();
    putCard();
    pipeline.notes.set(1, { ...about, event: stageBegan });
    pipeline.put({ key: 'note-1', content: { kind: 'note', seq: 1, card: 'card-2' } });
    putNote(2, 2);
    await until('the next note', () => slack.messages.length === 2);
    expect(pipeline.givenUp.get('note-1')).toBe('its event deserves no note');
  });
});
