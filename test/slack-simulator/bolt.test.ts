import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { ADA, BEN, clientOf, DEPLOYS, startBolt, startRig, until } from './support/rig.ts';

const card = (label: string) => [
  { type: 'section', text: { type: 'mrkdwn', text: '*hello* v1' } },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        text: { type: 'plain_text' as const, text: label },
        value: 'release-1',
        confirm: {
          title: { type: 'plain_text' as const, text: 'Sure?' },
          text: { type: 'plain_text' as const, text: 'To production' },
          confirm: { type: 'plain_text' as const, text: 'Yes' },
          deny: { type: 'plain_text' as const, text: 'No' },
        },
      },
    ],
  },
];

const reason = {
  type: 'modal' as const,
  callback_id: 'reason',
  private_metadata: 'release-1',
  notify_on_close: true,
  title: { type: 'plain_text' as const, text: 'Reject' },
  submit: { type: 'plain_text' as const, text: 'Reject' },
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text' as const, text: 'Why?' },
      element: { type: 'plain_text_input', action_id: 'text' },
    },
  ],
};

describe.each(['http', 'socket'] as const)('a real Bolt app over %s', (mode) => {
  const start = async (listen: (app: App) => void, options = {}) => {
    const simulator = await startRig(options);
    await startBolt(simulator, mode, listen);
    return simulator;
  };

  it('answers a slash command in its acknowledgement, to the person alone', async () => {
    const simulator = await start((app) =>
      app.command('/bake', async ({ command, ack }) => {
        await ack({ text: `Baking ${command.text} for ${command.user_name} in ${command.channel_name}` });
      }),
    );
    const { ack, ephemeral } = await simulator.as(ADA).command('/bake', 'hello', '#deploys');
    expect(ack.ok).toBe(true);
    expect(ephemeral?.text).toBe('Baking hello for ada in deploys');
    expect(simulator.ephemerals(ADA)).toEqual([ephemeral]);
    expect(simulator.ephemerals(BEN)).toEqual([]);
    expect(simulator.messages('#deploys')).toEqual([]);
  });

  it('posts a card, hears the press of its button with all that it needs, and edits the card', async () => {
    const heard: unknown[] = [];
    const simulator = await start((app) => {
      app.command('/bake', async ({ ack, client, command }) => {
        await ack();
        await client.chat.postMessage({ channel: command.channel_id, text: 'card', blocks: card('Approve') });
      });
      app.action('approve', async ({ ack, body, action, client, respond }) => {
        await ack();
        if (body.type !== 'block_actions' || action.type !== 'button' || body.message === undefined) return;
        heard.push(
          body.user.id,
          body.team?.id,
          body.channel?.id,
          action.value,
          'block_id' in action,
          body.api_app_id,
        );
        await client.chat.update({ channel: DEPLOYS, ts: body.message.ts, text: 'approved' });
        await respond({ text: 'Thank you', replace_original: false, response_type: 'ephemeral' });
      });
    });
    const ada = simulator.as(ADA);
    await ada.command('/bake', 'hello', '#deploys');
    await until('the card is there', () => simulator.messages('#deploys').length === 1);
    const [posted] = simulator.messages('#deploys');
    if (posted === undefined) throw new Error('no card');
    await ada.click(posted, { text: 'Approve' });
    await until('the card is edited', () => simulator.messages('#deploys')[0]?.text === 'approved');
    await until('the answer is shown', () => simulator.ephemerals(ADA).length === 1);
    expect(heard).toEqual([ADA, 'T0BAKERY01', DEPLOYS, 'release-1', true, 'A0BAKERAPP']);
    expect(simulator.messages('#deploys')[0]?.blocks).toBeUndefined();
    await expect(ada.click(posted, 'approve')).rejects.toThrow('There is no "approve" to press');
    const stale = { stale: true as const, blocks: posted.blocks ?? [] };
    expect((await ada.click(posted, 'approve', stale)).ack.ok).toBe(true);
  });

  it('opens a modal, is given what was typed, refuses it with errors, and takes it', async () => {
    const seen: string[] = [];
    const simulator = await start((app) => {
      app.command('/reject', async ({ ack, client, command }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: reason });
      });
      app.view('reason', async ({ ack, view }) => {
        const why = view.state.values.why?.text?.value ?? '';
        seen.push(`${view.private_metadata}: ${why}`);
        if (why.length < 3) await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
        else await ack();
      });
    });
    const ben = simulator.as(BEN);
    await ben.command('/reject', '', '#deploys');
    await until('the modal is open', () => simulator.modals(BEN).length === 1);
    const modal = { id: simulator.modals(BEN)[0]?.id ?? '' };
    expect((await ben.submit(modal, {})).errors).toEqual({ why: 'Please complete this required field.' });
    expect((await ben.submit(modal, { text: 'no' })).errors).toEqual({ why: 'Say more.' });
    expect(simulator.modals(BEN)[0]?.errors).toEqual({ why: 'Say more.' });
    expect((await ben.submit(modal, { why: { text: 'too early' } })).error).toBeUndefined();
    expect(simulator.modals(BEN)).toEqual([]);
    expect(seen).toEqual(['release-1: no', 'release-1: too early']);
  });

  it('updates, pushes and clears modals by its answer to a submission, and hears of a closed one', async () => {
    const closed: string[] = [];
    const simulator = await start((app) => {
      app.shortcut('begin', async ({ ack, client, shortcut }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: reason });
      });
      app.view({ callback_id: 'reason', type: 'view_closed' }, async ({ ack, view }) => {
        closed.push(view.callback_id);
        await ack();
      });
      app.view({ callback_id: 'reason', type: 'view_submission' }, async ({ ack, view }) => {
        const why = view.state.values.why?.text?.value;
        if (why === 'update')
          await ack({ response_action: 'update', view: { ...reason, private_metadata: 'two' } });
        else if (why === 'push')
          await ack({ response_action: 'push', view: { ...reason, private_metadata: 'three' } });
        else await ack({ response_action: 'clear' });
      });
    });
    const ada = simulator.as(ADA);
    const front = () => ({ id: simulator.modals(ADA).at(-1)?.id ?? '' });
    await ada.shortcut('begin');
    await until('the modal is open', () => simulator.modals(ADA).length === 1);
    const first = front();
    await ada.submit(front(), { text: 'update' });
    expect(front()).toEqual(first);
    expect(simulator.modals(ADA)[0]?.private_metadata).toBe('two');
    await ada.submit(front(), { text: 'push' });
    await ada.submit(front(), { text: 'push' });
    expect(simulator.modals(ADA)).toHaveLength(3);
    expect((await ada.submit(front(), { text: 'push' })).error).toContain('push_limit_reached');
    await ada.closeModal();
    expect(closed).toEqual(['reason']);
    expect(simulator.modals(ADA)).toHaveLength(2);
    await ada.submit(front(), { text: 'clear' });
    expect(simulator.modals(ADA)).toEqual([]);
  });

  it('offers options to an external select and hears what was chosen there and in an overflow menu', async () => {
    const heard: string[] = [];
    const option = (value: string) => ({
      text: { type: 'plain_text' as const, text: `Version ${value}` },
      value,
    });
    const blocks = [
      {
        type: 'actions',
        elements: [
          { type: 'external_select', action_id: 'version', min_query_length: 0 },
          { type: 'overflow', action_id: 'more', options: [option('log'), option('diff')] },
        ],
      },
    ];
    const simulator = await start((app) => {
      app.options('version', async ({ ack, options }) => {
        await ack({ options: ['v1', 'v2'].filter((each) => each.includes(options.value)).map(option) });
      });
      app.action(/version|more/, async ({ ack, action }) => {
        await ack();
        if ('selected_option' in action) heard.push(`${action.action_id} ${action.selected_option?.value}`);
      });
    });
    const ada = simulator.as(ADA);
    const { chat } = clientOf(simulator);
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'choose', blocks });
    const message = { channel: DEPLOYS, ts };
    expect(await ada.suggest(message, 'version', 'v')).toHaveLength(2);
    await ada.choose(message, 'version', 'v2');
    await ada.choose(message, 'more', 'Version diff');
    await until('both were heard', () => heard.length === 2);
    expect(heard).toEqual(['version v2', 'more diff']);
    await expect(ada.choose(message, 'more', 'nonsense')).rejects.toThrow('no option "nonsense"');
  });

  it('is told of an opened Home tab and of a message shortcut', async () => {
    const simulator = await start((app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({
          user_id: event.user,
          view: {
            type: 'home',
            blocks: [{ type: 'section', text: { type: 'plain_text', text: 'At home' } }],
          },
        });
      });
      app.shortcut({ callback_id: 'details', type: 'message_action' }, async ({ ack, shortcut, respond }) => {
        await ack();
        await respond(`About: ${shortcut.message.text}`);
      });
    });
    const ben = simulator.as(BEN);
    await ben.openHome();
    await until('the Home tab is there', () => simulator.home(BEN) !== undefined);
    expect(simulator.home(BEN)?.blocks[0]?.text).toMatchObject({ text: 'At home' });
    const said = ben.say('#deploys', 'what is this?');
    await ben.shortcut('details', said);
    await until('the answer is there', () => simulator.ephemerals(BEN).length === 1);
    expect(simulator.ephemerals(BEN)[0]?.text).toBe('About: what is this?');
  });

  it('carries views of 100 kB both ways', async () => {
    const text = { type: 'plain_text' as const, text: 'x'.repeat(1000) };
    const long = [...reason.blocks, ...Array.from({ length: 99 }, () => ({ type: 'section', text }))];
    const received: number[] = [];
    const simulator = await start((app) => {
      app.shortcut('begin', async ({ ack, client, shortcut }) => {
        await ack();
        await client.views.open({ trigger_id: shortcut.trigger_id, view: reason });
      });
      app.view('reason', async ({ ack, view }) => {
        received.push(view.blocks.length);
        await ack({ response_action: 'update', view: { ...reason, blocks: long } });
      });
    });
    const ada = simulator.as(ADA);
    await ada.shortcut('begin');
    await until('the modal is open', () => simulator.modals(ADA).length === 1);
    const modal = { id: simulator.modals(ADA)[0]?.id ?? '' };
    await ada.submit(modal, { text: 'one' });
    expect((await ada.submit(modal)).error).toBeUndefined();
    expect(received).toEqual([1, 100]);
  });

  it('shows operation_timeout when the bot does not acknowledge in time', async () => {
    const simulator = await start((app) => app.command('/bake', async () => {}), { ackTimeoutMs: 60 });
    const outcome = await simulator.as(ADA).command('/bake', 'hello', '#deploys');
    expect(outcome.ack).toMatchObject({ ok: false, error: 'operation_timeout' });
    expect(simulator.ephemerals(ADA)[0]?.text).toBe('/bake failed with the error "operation_timeout"');
  });
});

describe('delivery', () => {
  it('shows dispatch_failed when no bot is there, in either mode', async () => {
    const simulator = await startRig();
    const ada = simulator.as(ADA);
    expect((await ada.command('/bake', '', '#deploys')).ack).toMatchObject({ error: 'dispatch_failed' });
    simulator.setDelivery({ kind: 'http', url: 'http://127.0.0.1:1/slack/events' });
    expect((await ada.command('/bake', '', '#deploys')).ack).toMatchObject({ error: 'dispatch_failed' });
  });

  it('never carries a command that no app has, or one typed where the person is not', async () => {
    const simulator = await startRig({ commands: [{ command: '/bake', description: 'Bakes' }] });
    const ada = simulator.as(ADA);
    expect((await ada.command('/bale', '', '#deploys')).error).toContain('/bale is not a valid command');
    await expect(ada.command('/bake', '', '#nowhere')).rejects.toThrow('ada is in no channel "#nowhere"');
    expect(() => simulator.as('U0NOBODY01')).toThrow('There is no person U0NOBODY01');
  });

  it('is refused by Bolt when it is signed with another secret', async () => {
    const simulator = await startRig({ signingSecret: 'another' });
    await startBolt(simulator, 'http', (app) => app.command('/bake', ({ ack }) => ack('hi')));
    const outcome = await simulator.as(ADA).command('/bake', '', '#deploys');
    expect(outcome.ack).toMatchObject({ ok: false, detail: 'The bot answered with status 401.' });
  });

  it('finds a Socket Mode bot again after the sockets were dropped or refreshed', async () => {
    const simulator = await startRig();
    await startBolt(simulator, 'socket', (app) => app.command('/bake', ({ ack }) => ack('hi')));
    for (const disturb of [() => simulator.dropSockets(), () => simulator.refreshSockets()]) {
      const opened = () => simulator.calls.filter(({ method }) => method === 'apps.connections.open').length;
      const before = opened();
      disturb();
      await until(
        'the bot asked for a new connection',
        () => opened() > before && simulator.connections === 1,
      );
      expect((await simulator.as(ADA).command('/bake', '', '#deploys')).ephemeral?.text).toBe('hi');
    }
  });
});
