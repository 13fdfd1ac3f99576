import { describe, expect, it } from 'vitest';
import { encode } from '../../src/bot/views/button-value.ts';
import { refuse } from '../../src/pipeline/domain/command.ts';
import { deployment, wait } from '../support/sample.ts';
import {
  click,
  command,
  logged,
  openedForEach,
  pipeline,
  send,
  slack,
  submission,
  told,
} from '../support/small-bot.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

describe('a click', () => {
  const waiting = deployment('approve', { wait: wait('approval') });
  const value = encode({
    service: 'hello',
    deployment: waiting.id,
    image: waiting.image.digest,
    settings: waiting.plan.settings.digest,
  });

  it('on Approve carries the exact digest, and its yes shows on the card', async () => {
    await send(click('approve', value));
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({
      do: 'approve',
      image: waiting.image.digest,
      by: { team: 'T1', user: 'UANN' },
    });
    expect(slack.responses).toEqual([]);
  });

  it('that is refused gets the pipeline’s sentence, with people as people', async () => {
    pipeline.answer = () =>
      refuse('not allowed', 'You may not approve hello. These people may: <@UBOB>. <!channel>');
    await send(click('approve', value));
    expect(await told()).toBe('🚫 You may not approve hello. These people may: <@UBOB>. &lt;!channel&gt;');
  });

  it('on Reject asks for a reason and rejects with it', async () => {
    await send(click('reject', value));
    await until('the dialog', () => slack.views.length === 1);
    expect(pipeline.commands).toEqual([]);
    const { private_metadata } = slack.views[0] as { private_metadata: string };
    const state = { values: { reason: { text: { type: 'plain_text_input', value: 'not today' } } } };
    const view = { callback_id: 'reject-reason', private_metadata, state };
    const user = { id: 'UBOB', team_id: 'T1' };
    await send({ payload: JSON.stringify({ type: 'view_submission', user, team: { id: 'T1' }, view }) });
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({ do: 'reject', reason: 'not today', by: { user: 'UBOB' } });
  });

  it('on Reject without a card is answered in the dialog, in whatever channel it was asked', async () => {
    pipeline.answer = () => refuse('not allowed', 'You may not approve hello.');
    const private_metadata = JSON.stringify({ service: 'hello', deployment: 'd', channel: 'CELSEWHERE' });
    const state = { values: { reason: { text: { type: 'plain_text_input', value: 'not today' } } } };
    await send(submission({ id: 'V1', callback_id: 'reject-reason', private_metadata, state }));
    await until('the answer', () => slack.of('views.update').length === 1);
    expect(slack.of('views.update')[0]?.args).toMatchObject({
      view_id: 'V1',
      view: expect.stringContaining('You may not approve hello.'),
    });
    expect(slack.ephemerals).toEqual([]);
    expect(pipeline.commands[0]).toMatchObject({ verified: { channel: 'CELSEWHERE' } });
  });

  it('in a dialog acts in the channel where the dialog was opened', async () => {
    await send(command('', { channel_id: 'COPS' }));
    await until('the dialog', () => slack.views.length === 1);
    const { private_metadata, callback_id } = slack.views[0] as Record<string, string>;
    const option = { text: { type: 'plain_text', text: 'hello' }, value: 'hello' };
    const state = { values: { service: { s: { type: 'external_select', selected_option: option } } } };
    await send(submission({ id: 'V1', callback_id, private_metadata, state }));
    await until('the release', () => pipeline.orders.length === 1);
    expect(pipeline.orders[0]).toMatchObject({ service: 'hello', verified: { channel: 'COPS' } });
    const view = { id: 'V2', type: 'modal', private_metadata };
    await send(
      click('approve', value, { channel: undefined, container: { type: 'view', view_id: 'V2' }, view }),
    );
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({ do: 'approve', verified: { channel: 'COPS' } });
  });

  it('by a shortcut counts and leaves its trace like every other request', async () => {
    const traces: string[] = [];
    pipeline.traced = async (_asked, answer) => {
      traces.push(answer.sentence);
      return answer;
    };
    let gestures = 0;
    const shortcut = () => ({
      payload: JSON.stringify({
        type: 'shortcut',
        callback_id: 'release',
        user: { id: 'UANN', team_id: 'T1' },
        team: { id: 'T1' },
        trigger_id: `shortcut-${gestures++}`,
      }),
    });
    await send(shortcut());
    await until('the trace', () => traces.length === 1);
    expect(traces).toEqual(['Was shown: the shortcut release']);
    for (let more = 0; more < 60; more++) await send(shortcut());
    await until('the refusal', () => slack.views.length === 61);
    expect(JSON.stringify(slack.views.at(-1))).toContain('🚫');
  });

  it('on Reject whose dialog does not open is told, and decides nothing', async () => {
    slack.fail('views.open', { error: 'expired_trigger_id' });
    await send(click('reject', value));
    expect(await told()).toContain('press Reject again'.replace('Reject', '*Reject*'));
    expect(pipeline.commands).toEqual([]);
  });

  it.each([
    ['cancel-release', { version: 2 }, { do: 'cancel release', version: 2 }],
    ['cancel-deployment', { deployment: 'd' }, { do: 'cancel deployment', deployment: 'd' }],
    ['retire', { deployment: 'd' }, { do: 'retire', deployment: 'd' }],
    ['retry-release', { version: 2, stage: 'verify' }, { do: 'retry release', stage: 'verify' }],
    ['retry-deployment', { deployment: 'd', stage: 'launch' }, { do: 'retry deployment', stage: 'launch' }],
    ['roll-back', { version: 1, environment: 'dev' }, { do: 'roll back', version: 1, environment: 'dev' }],
    ['deploy', { version: 1, environment: 'dev' }, { do: 'deploy', version: 1, environment: 'dev' }],
  ])('on %s becomes its command', async (id, parts, expected) => {
    await send(click(id, encode({ service: 'hello', ...parts })));
    await until('the command', () => pipeline.commands.length === 1);
    expect(pipeline.commands[0]).toMatchObject({ ...expected, service: 'hello' });
  });

  it.each([
    ['approve', 'not json'],
    ['approve', encode({ service: 'hello' })],
    ['retry-release', encode({ service: 'hello', version: 1, stage: 'nonsense' })],
    ['a-button-of-last-year', value],
  ])('on %s with a value that says too little gets a sentence', async (id, what) => {
    await send(click(id, what));
    expect(await told()).toContain('This button is out of date');
    expect(pipeline.commands).toEqual([]);
  });

  it('of a guest is refused', async () => {
    await send(click('approve', value, { user: { id: 'UGUEST', team_id: 'T1' } }));
    expect(await told()).toContain('Guests cannot do this');
    expect(pipeline.commands).toEqual([]);
  });

  it('that throws inside the pipeline gets a sentence with a reference', async () => {
    pipeline.answer = () => {
      throw new Error('disk full');
    };
    await send(click('approve', value));
    expect(await told()).toContain('Bakery itself failed at this');
    expect(logged).toMatchObject([{ doing: 'approve' }]);
  });

  it('that comes twice with the same trigger acts once', async () => {
    const form = click('approve', value);
    expect(await send(form, { at: Date.now() - 2000 })).toBe(200);
    expect(await send(form)).toBe(200);
    await until('the command', () => pipeline.commands.length === 1);
    await send(click('retire', encode({ service: 'hello', deployment: 'd' })));
    await until('the next', () => pipeline.commands.length >= 2);
    expect(pipeline.commands.map((one) => one.do)).toEqual(['approve', 'retire']);
  });
});
