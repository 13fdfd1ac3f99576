import { describe, expect, it } from 'vitest';
import { ADA, BEN, clientOf, DEPLOYS, refusal, startBolt, startRig, TOKENS } from './support/rig.ts';

const section = { type: 'section', text: { type: 'mrkdwn', text: 'hello' } };

describe('the Web API', () => {
  it('says who the bot is, and which scopes it has', async () => {
    const simulator = await startRig({ scopes: ['chat:write', 'commands'] });
    const client = clientOf(simulator);
    const test = await client.auth.test();
    expect(test).toMatchObject({
      ok: true,
      team_id: 'T0BAKERY01',
      user_id: 'U0BAKERBOT',
      bot_id: 'B0BAKERBOT',
    });
    expect(test.response_metadata?.scopes).toEqual(['chat:write', 'commands']);
    await expect(client.users.info({ user: ADA })).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'users:read' },
    });
  });

  it('refuses missing, unknown and wrong tokens, and methods that it does not know', async () => {
    const simulator = await startRig();
    expect(await refusal(clientOf(simulator, '').auth.test())).toBe('not_authed');
    expect(await refusal(clientOf(simulator, 'xoxb-other').auth.test())).toBe('invalid_auth');
    expect(await refusal(clientOf(simulator, TOKENS.appToken).auth.test())).toBe('not_allowed_token_type');
    expect(await refusal(clientOf(simulator).apps.connections.open({}))).toBe('not_allowed_token_type');
    expect(await refusal(clientOf(simulator).apiCall('chat.scream'))).toBe('unknown_method');
    expect(await refusal(clientOf(simulator).apiCall('toString'))).toBe('unknown_method');
  });

  it('posts, threads, broadcasts, edits and finds messages again with their metadata', async () => {
    const simulator = await startRig();
    const { chat, conversations } = clientOf(simulator);
    const metadata = { event_type: 'release', event_payload: { key: 'r1' } };
    const { ts = '' } = await chat.postMessage({
      channel: '#deploys',
      text: 'card',
      blocks: [section],
      metadata,
    });
    const reply = await chat.postMessage({ channel: DEPLOYS, text: 'detail', thread_ts: ts });
    const nested = await chat.postMessage({ channel: DEPLOYS, text: 'more', thread_ts: reply.ts ?? '' });
    await chat.postMessage({ channel: DEPLOYS, text: 'failed', thread_ts: ts, reply_broadcast: true });
    expect(simulator.messages('#deploys').map(({ text }) => text)).toEqual(['card', 'failed']);
    expect(simulator.thread(DEPLOYS, ts).map(({ text }) => text)).toEqual([
      'card',
      'detail',
      'more',
      'failed',
    ]);
    expect(nested.message?.thread_ts).toBe(ts);

    await chat.update({ channel: DEPLOYS, ts, text: 'new words' });
    const bare = await conversations.history({ channel: DEPLOYS });
    expect(bare.messages?.map(({ text }) => text)).toEqual(['failed', 'new words']);
    expect(bare.messages?.[1]).toMatchObject({ reply_count: 3, edited: { user: 'U0BAKERBOT' } });
    expect(bare.messages?.[1]).not.toHaveProperty('metadata');
    expect(bare.messages?.[1]).not.toHaveProperty('blocks');
    const full = await conversations.history({
      channel: DEPLOYS,
      include_all_metadata: true,
      latest: ts,
      inclusive: true,
    });
    expect(full.messages?.[0]?.metadata).toEqual(metadata);
    const replies = await conversations.replies({ channel: DEPLOYS, ts, limit: 2 });
    expect(replies.messages).toHaveLength(2);
    const cursor = replies.response_metadata?.next_cursor ?? '';
    expect((await conversations.replies({ channel: DEPLOYS, ts, cursor })).messages?.[0]?.text).toBe('more');

    const { permalink = '' } = await chat.getPermalink({ channel: DEPLOYS, message_ts: ts });
    const answer = await fetch(permalink, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`/#${DEPLOYS}/p${ts.replace('.', '')}`);
    await chat.delete({ channel: DEPLOYS, ts });
    expect(simulator.thread(DEPLOYS, ts)[0]).toMatchObject({ subtype: 'tombstone' });
    expect(await refusal(chat.update({ channel: DEPLOYS, ts, text: 'x' }))).toBe('message_not_found');
  });

  it('refuses messages into places where the bot is not, and edits of what is not its own', async () => {
    const simulator = await startRig();
    const { chat, conversations } = clientOf(simulator);
    const post = (channel: string) => refusal(chat.postMessage({ channel, text: 'hi' }));
    expect(await post('C0NOWHERE1')).toBe('channel_not_found');
    expect(await post('#secret')).toBe('channel_not_found');
    expect(await post('#elsewhere')).toBe('not_in_channel');
    await conversations.join({ channel: 'C0ELSEWHE1' });
    expect((await chat.postMessage({ channel: '#elsewhere', text: 'hi' })).ok).toBe(true);
    expect(await post('#old')).toBe('is_archived');

    const said = simulator.as(ADA).say('#deploys', 'mine');
    expect(await refusal(chat.update({ channel: DEPLOYS, ts: said.ts, text: 'yours' }))).toBe(
      'cant_update_message',
    );
    expect(await refusal(chat.delete({ channel: DEPLOYS, ts: said.ts }))).toBe('cant_delete_message');
    expect(await refusal(chat.update({ channel: DEPLOYS, ts: '1.000000', text: 'x' }))).toBe(
      'message_not_found',
    );
    expect(await refusal(chat.postMessage({ channel: DEPLOYS, text: 'x', thread_ts: '1.0' }))).toBe(
      'thread_not_found',
    );
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'before' });
    simulator.archive('#deploys');
    expect(await refusal(chat.update({ channel: DEPLOYS, ts, text: 'after' }))).toBe('is_inactive');
  });

  it('shows ephemeral messages to members until they reload, and cannot edit them', async () => {
    const simulator = await startRig();
    const { chat } = clientOf(simulator);
    const { message_ts: ts = '' } = await chat.postEphemeral({
      channel: DEPLOYS,
      user: BEN,
      text: 'only you',
    });
    expect(await refusal(chat.postEphemeral({ channel: DEPLOYS, user: 'U0NOBODY01', text: 'x' }))).toBe(
      'user_not_in_channel',
    );
    expect(await refusal(chat.update({ channel: DEPLOYS, ts, text: 'x' }))).toBe('message_not_found');
    expect(simulator.ephemerals(BEN)).toHaveLength(1);
    simulator.as(BEN).reload();
    expect(simulator.ephemerals(BEN)).toEqual([]);
  });

  it('knows people, user groups and channels', async () => {
    const simulator = await startRig();
    const { conversations, usergroups, users } = clientOf(simulator);
    expect((await users.info({ user: ADA })).user).toMatchObject({
      name: 'ada',
      is_bot: false,
      deleted: false,
    });
    expect((await users.list({})).members).toHaveLength(3);
    expect(await refusal(users.info({ user: 'U0NOBODY01' }))).toBe('user_not_found');
    expect((await users.lookupByEmail({ email: 'ada@example.com' })).user?.id).toBe(ADA);
    expect((await usergroups.list({ include_users: true })).usergroups?.[0]).toMatchObject({
      handle: 'releasers',
      users: [ADA],
    });
    expect((await usergroups.users.list({ usergroup: 'S0RELEASE1' })).users).toEqual([ADA]);
    const open = await conversations.list({ exclude_archived: true });
    expect(open.channels?.map(({ name }) => name)).toEqual(['deploys', 'elsewhere']);
    expect((await conversations.members({ channel: DEPLOYS })).members).toContain('U0BAKERBOT');
    const { channel } = await conversations.open({ users: ADA });
    await clientOf(simulator).chat.postMessage({ channel: ADA, text: 'psst' });
    expect(simulator.messages(channel?.id ?? '').map(({ text }) => text)).toEqual(['psst']);
  });

  it('takes a file in three steps and shares it in a thread', async () => {
    const simulator = await startRig();
    const client = clientOf(simulator);
    const { ts = '' } = await client.chat.postMessage({ channel: DEPLOYS, text: 'log?' });
    await client.filesUploadV2({
      channel_id: DEPLOYS,
      thread_ts: ts,
      filename: 'build.log',
      file: Buffer.from('ok\n'),
    });
    const [, shared] = simulator.thread(DEPLOYS, ts);
    const address = String(shared?.files?.[0]?.url_private);
    expect(await (await fetch(address)).text()).toBe('ok\n');
  });

  it('remembers every call, also those that were refused', async () => {
    const simulator = await startRig();
    const { chat } = clientOf(simulator);
    await chat.postMessage({ channel: DEPLOYS, text: 'one' });
    await refusal(chat.postMessage({ channel: 'C0NOWHERE1', text: 'two' }));
    expect(simulator.calls.map(({ method, error }) => [method, error])).toEqual([
      ['chat.postMessage', undefined],
      ['chat.postMessage', 'channel_not_found'],
    ]);
    expect(JSON.stringify(simulator.calls)).not.toContain(TOKENS.botToken);
  });
});

describe('rate limits', () => {
  it('answer 429 with Retry-After by tier, and let go when the minute is over', async () => {
    let now = Date.now();
    const simulator = await startRig({ rateLimits: true, now: () => now });
    const call = (method: string) =>
      fetch(`${simulator.apiUrl}${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKENS.botToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ channel: DEPLOYS, text: 'x' }),
      });
    const statuses = async (method: string, times: number) => {
      const all: number[] = [];
      for (let each = 0; each < times; each += 1) all.push((await call(method)).status);
      return all;
    };
    expect((await statuses('users.list', 21)).filter((status) => status === 429)).toHaveLength(1);
    const refused = await call('users.list');
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await refused.json()).toMatchObject({ ok: false, error: 'ratelimited' });
    expect(await statuses('chat.postMessage', 6)).toEqual([200, 200, 200, 200, 200, 429]);
    now += 60_001;
    expect((await call('users.list')).status).toBe(200);
    expect((await call('chat.postMessage')).status).toBe(200);
  });
});

describe('modals', () => {
  const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Hello' }, blocks: [] };

  it('open once for a trigger, within three seconds', async () => {
    let now = Date.now();
    const triggers: string[] = [];
    const simulator = await startRig({ now: () => now });
    await startBolt(simulator, 'socket', (app) =>
      app.command('/open', async ({ ack, command }) => {
        triggers.push(command.trigger_id);
        await ack();
      }),
    );
    const { views } = clientOf(simulator);
    const ada = simulator.as(ADA);
    await ada.command('/open', '', '#deploys');
    await ada.command('/open', '', '#deploys');
    const [first = '', second = ''] = triggers;
    const opened = await views.open({ trigger_id: first, view });
    expect(await refusal(views.open({ trigger_id: first, view }))).toBe('exchanged_trigger_id');
    expect(await refusal(views.open({ trigger_id: 'nonsense', view }))).toBe('invalid_trigger_id');
    expect(await refusal(views.push({ trigger_id: second, view }))).toBe('invalid_trigger_id');
    await ada.command('/open', '', '#deploys');
    now += 3001;
    expect(await refusal(views.open({ trigger_id: triggers[2] ?? '', view }))).toBe('expired_trigger_id');

    const { id: view_id = '', hash = '' } = opened.view ?? {};
    await views.update({ view_id, hash, view });
    expect(await refusal(views.update({ view_id, hash, view }))).toBe('hash_conflict');
    await ada.closeModal();
    expect(await refusal(views.update({ view_id, view }))).toBe('not_found');
  });

  it('are refused with the limits of views, in words', async () => {
    const simulator = await startRig();
    const { views } = clientOf(simulator);
    const blocks = Array.from({ length: 101 }, () => ({ type: 'divider' }));
    await expect(views.publish({ user_id: ADA, view: { type: 'home', blocks } })).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        response_metadata: { messages: [expect.stringContaining('/view/blocks')] },
      },
    });
    const big = { type: 'home' as const, blocks: [], private_metadata: 'x'.repeat(250_001) };
    expect(await refusal(views.publish({ user_id: ADA, view: big }))).toBe('view_too_large');
    expect(await refusal(views.publish({ user_id: 'U0NOBODY01', view: { type: 'home', blocks: [] } }))).toBe(
      'user_not_found',
    );
  });
});
