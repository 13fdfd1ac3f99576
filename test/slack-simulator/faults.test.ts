import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ADA, clientOf, DEPLOYS, refusal, startBolt, startRig, TOKENS, until } from './support/rig.ts';

const stateFile = () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'inner', 'slack.json');
};

describe('faults', () => {
  it('fail the next call with an error or a status, as often as asked, and no other method', async () => {
    const simulator = await startRig();
    const { chat, auth } = clientOf(simulator);
    const post = () => chat.postMessage({ channel: DEPLOYS, text: 'x' });
    simulator.failNext({ method: 'chat.postMessage', error: 'fatal_error', times: 2 });
    expect((await auth.test()).ok).toBe(true);
    expect(await refusal(post())).toBe('fatal_error');
    expect(await refusal(post())).toBe('fatal_error');
    simulator.failNext({ method: 'chat.postMessage', status: 500 });
    await expect(post()).rejects.toThrow('500');
    simulator.failNext({ method: 'chat.postMessage', status: 429, retryAfter: 7 });
    await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
    expect(simulator.messages(DEPLOYS)).toEqual([]);
    expect((await post()).ok).toBe(true);
  });

  it('lose the answer to a message that was taken', async () => {
    const simulator = await startRig();
    simulator.failNext({ method: 'chat.postMessage', afterTaking: true });
    const body = JSON.stringify({ channel: DEPLOYS, text: 'taken' });
    const headers = { authorization: `Bearer ${TOKENS.botToken}`, 'content-type': 'application/json' };
    const gaveUp = new AbortController();
    const call = fetch(`${simulator.apiUrl}chat.postMessage`, {
      method: 'POST',
      body,
      headers,
      signal: gaveUp.signal,
    });
    await until('the message is taken', () => simulator.messages(DEPLOYS).length === 1);
    gaveUp.abort();
    await expect(call).rejects.toThrow('aborted');
    simulator.failNext({ method: 'chat.postMessage', afterTaking: true, status: 500 });
    await expect(clientOf(simulator).chat.postMessage({ channel: DEPLOYS, text: 'too' })).rejects.toThrow(
      '500',
    );
    expect(simulator.messages(DEPLOYS).map(({ text }) => text)).toEqual(['taken', 'too']);
  });

  it('never answer a call that hangs, which takes nothing', async () => {
    const simulator = await startRig();
    simulator.failNext({ method: 'chat.postMessage', hang: true });
    const signal = AbortSignal.timeout(50);
    const headers = { authorization: `Bearer ${TOKENS.botToken}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ channel: DEPLOYS, text: 'x' });
    await expect(
      fetch(`${simulator.apiUrl}chat.postMessage`, { method: 'POST', headers, body, signal }),
    ).rejects.toThrow('timeout');
    expect(simulator.messages(DEPLOYS)).toEqual([]);
    expect(simulator.calls).toMatchObject([{ method: 'chat.postMessage', error: 'no answer' }]);
  });

  it('delete a message and take the bot out of a channel behind its back', async () => {
    const simulator = await startRig();
    const { chat } = clientOf(simulator);
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'x' });
    simulator.deleteMessage({ channel: DEPLOYS, ts });
    expect(await refusal(chat.update({ channel: DEPLOYS, ts, text: 'y' }))).toBe('message_not_found');
    simulator.removeBot('#deploys');
    expect(await refusal(chat.postMessage({ channel: DEPLOYS, text: 'x' }))).toBe('not_in_channel');
  });
});

describe('a response_url', () => {
  it('edits and deletes the message it came from, five times and for thirty minutes', async () => {
    let now = Date.now();
    const urls: string[] = [];
    const simulator = await startRig({ now: () => now });
    await startBolt(simulator, 'socket', (app) =>
      app.action('go', async ({ ack, body }) => {
        if (body.type === 'block_actions') urls.push(body.response_url);
        await ack();
      }),
    );
    const blocks = [
      {
        type: 'actions',
        elements: [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }],
      },
    ];
    await clientOf(simulator).chat.postEphemeral({ channel: DEPLOYS, user: ADA, text: 'card', blocks });
    const ada = simulator.as(ADA);
    const card = simulator.ephemerals(ADA)[0];
    if (card === undefined) throw new Error('no card');
    await ada.click(card, 'go');
    await ada.click(card, { text: 'Go' });
    const post = async (url: string | undefined, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url ?? '', { method: 'POST', headers, body: JSON.stringify(body) });
      return response.status === 200 ? 'ok' : ((await response.json()) as { error: string }).error;
    };
    expect(await post(urls[0], { replace_original: true, text: 'replaced' })).toBe('ok');
    expect(simulator.ephemerals(ADA)).toMatchObject([{ text: 'replaced' }]);
    expect(simulator.ephemerals(ADA)[0]).not.toHaveProperty('blocks');
    expect(await post(urls[0], { text: 'to all', response_type: 'in_channel' })).toBe('ok');
    expect(simulator.messages(DEPLOYS)).toMatchObject([{ text: 'to all' }]);
    expect(await post(urls[0], { blocks: [{ type: 'nonsense' }] })).toBe('invalid_blocks');
    expect(await post(urls[0], { delete_original: true })).toBe('ok');
    expect(simulator.ephemerals(ADA)).toEqual([]);
    expect(await post(urls[0], { text: 'five' })).toBe('ok');
    expect(await post(urls[0], { text: 'six' })).toBe('used_url');
    now += 30 * 60_000 + 1;
    expect(await post(urls[1], { text: 'late' })).toBe('expired_url');
  });
});

describe('a state file', () => {
  it('brings messages, archived channels, direct messages and Home tabs back, and time goes on from there', async () => {
    const file = stateFile();
    const first = await startRig({ stateFile: file });
    const client = clientOf(first);
    const { ts = '' } = await client.chat.postMessage({
      channel: DEPLOYS,
      text: 'kept',
      metadata: { event_type: 'a', event_payload: { b: 'c' } },
    });
    await client.chat.postMessage({ channel: ADA, text: 'psst' });
    await client.views.publish({ user_id: ADA, view: { type: 'home', blocks: [{ type: 'divider' }] } });
    await client.chat.postEphemeral({ channel: DEPLOYS, user: ADA, text: 'gone' });
    first.archive('#elsewhere');
    await first.close();

    const second = await startRig({ stateFile: file, now: () => 0 });
    expect(second.messages('#deploys')).toMatchObject([{ ts, text: 'kept', metadata: { event_type: 'a' } }]);
    expect(second.messages(ADA)).toMatchObject([{ text: 'psst' }]);
    expect(second.home(ADA)?.blocks).toHaveLength(1);
    expect(second.ephemerals(ADA)).toEqual([]);
    expect(await refusal(clientOf(second).conversations.join({ channel: 'C0ELSEWHE1' }))).toBe('is_archived');
    const later = second.as(ADA).say('#deploys', 'later');
    expect(Number(later.ts)).toBeGreaterThan(Number(ts));
  });

  it('is written while the simulator runs, whole or not at all', async () => {
    const file = stateFile();
    const simulator = await startRig({ stateFile: file });
    simulator.as(ADA).say('#deploys', 'hello');
    const written = () => {
      try {
        return readFileSync(file, 'utf8').includes('hello');
      } catch {
        return false;
      }
    };
    await until('the file is written', written);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1 });
  });

  it('that is not ours is refused with a sentence and left as it was', async () => {
    const file = stateFile();
    const simulator = await startRig({ stateFile: file });
    await simulator.close();
    writeFileSync(file, '{"half');
    await expect(startRig({ stateFile: file })).rejects.toThrow('is not one that this version wrote');
    expect(readFileSync(file, 'utf8')).toBe('{"half');
  });
});

describe('starting', () => {
  it('refuses ids that Slack could not have made, and a port that is taken', async () => {
    await expect(startRig({ people: [{ id: 'ada', name: 'ada' }] })).rejects.toThrow('not like Slack');
    await expect(startRig({ botToken: 'secret' })).rejects.toThrow('bot token');
    const simulator = await startRig();
    const port = Number(new URL(simulator.url).port);
    await expect(startRig({ port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });
});
