import { request } from 'node:http';
import { WebSocket } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Panel, SlackSimulator } from '../../src/slack-simulator/index.ts';
import { ADA, BEN, clientOf, DEPLOYS, startBolt, startRig, until } from './support/rig.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

const post = async (
  simulator: SlackSimulator,
  path: string,
  body: unknown,
  headers: Record<string, string> = JSON_TYPE,
) => {
  const response = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as { ok: boolean; error?: string; result?: unknown },
  };
};

/** Reads a page's stream into a list of events. */
async function follow(simulator: SlackSimulator, since = 0): Promise<{ event: string; data: unknown }[]> {
  const events: { event: string; data: unknown }[] = [];
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const response = await fetch(`${simulator.url}/page/events?since=${since}`, { signal: gone.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  const read = async (): Promise<void> => {
    const part = await reader?.read();
    if (part === undefined || part.done) return;
    const whole = `${rest}${part.value}`.split('\n\n');
    rest = whole.pop() ?? '';
    for (const each of whole) {
      const [, event = '', data = 'null'] = /^event: (.*)\ndata: (.*)$/.exec(each) ?? [];
      events.push({ event, data: JSON.parse(data) });
    }
    return read();
  };
  read().catch(() => undefined);
  await until('the snapshot has come', () => events.length > 0);
  return events;
}

describe("the page's own server", () => {
  it('does what a person does on the page and answers in words when it cannot', async () => {
    const simulator = await startRig();
    await startBolt(simulator, 'http', (app) => app.command('/bake', ({ ack }) => ack('Baking')));
    const bake = { gesture: 'command', as: ADA, command: '/bake', text: 'hello', channel: DEPLOYS };
    expect((await post(simulator, '/page/act', bake)).body).toMatchObject({
      ok: true,
      result: { ack: { ok: true } },
    });
    expect(simulator.ephemerals(ADA)).toMatchObject([{ text: 'Baking' }]);
    const element = { actionId: 'approve', blockId: 'b' };
    const nowhere = { gesture: 'click', as: ADA, on: { channel: DEPLOYS, ts: '1.0' }, element };
    expect((await post(simulator, '/page/act', nowhere)).body.error).toContain(
      'There is no message 1.0 in #deploys',
    );
    expect((await post(simulator, '/page/act', { ...bake, as: 'U0NOBODY01' })).body.error).toContain(
      'no person',
    );
    expect((await post(simulator, '/page/act', { gesture: 'dance', as: ADA })).body.ok).toBe(false);
    expect((await post(simulator, '/page/act', 'nonsense')).body.ok).toBe(false);
  });

  it('presses the button that was shown, also when its message changed meanwhile', async () => {
    const simulator = await startRig();
    const pressed: unknown[] = [];
    await startBolt(simulator, 'http', (app) =>
      app.action('approve', async ({ ack, action }) => {
        pressed.push(action);
        await ack();
      }),
    );
    const button = (value: string) => ({
      type: 'button',
      action_id: 'approve',
      value,
      text: { type: 'plain_text', text: 'Approve' },
    });
    const blocks = (value: string) => [{ type: 'actions', elements: [button(value)] }];
    const { chat } = clientOf(simulator);
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'card', blocks: blocks('v1') });
    const on = { channel: DEPLOYS, ts };
    const [shown] = simulator.messages(DEPLOYS)[0]?.blocks ?? [];
    await chat.update({ ...on, text: 'card', blocks: blocks('v2') });
    const element = { actionId: 'approve', blockId: shown?.block_id ?? '' };
    const click = { gesture: 'click', as: ADA, on, element };
    expect((await post(simulator, '/page/act', click)).body.error).toContain('There is no "approve"');
    const withButton = { ...click, shown: button('v1') };
    expect((await post(simulator, '/page/act', withButton)).body).toMatchObject({ ok: true });
    expect(pressed).toMatchObject([{ value: 'v1', block_id: shown?.block_id }]);
  });

  it('streams what changes, and does not show ephemeral messages from before the page was loaded', async () => {
    const simulator = await startRig();
    const { chat } = clientOf(simulator);
    await chat.postEphemeral({ channel: DEPLOYS, user: ADA, text: 'old' });
    const events = await follow(simulator, Date.now() + 1000);
    expect(events[0]).toMatchObject({
      event: 'snapshot',
      data: { ephemerals: { [ADA]: [], [BEN]: [] }, panel: null },
    });
    const { ts = '' } = await chat.postMessage({ channel: DEPLOYS, text: 'card' });
    await until('the card has come', () => JSON.stringify(events).includes('card'));
    simulator.deleteMessage({ channel: DEPLOYS, ts });
    await until('it is gone', () => JSON.stringify(events.at(-1)).includes('"message":null'));
    expect((await follow(simulator))[0]).toMatchObject({
      data: { ephemerals: { [ADA]: [{ text: 'old' }] } },
    });
  });

  it("shows the demo's panel, tells of its changes, and runs its actions", async () => {
    let sent = 1;
    const listeners = new Set<() => void>();
    const panel: Panel = {
      state: () => ({ title: 'Traffic', sent }),
      actions: [
        { id: 'kill', label: 'Kill the bot', run: async () => 'Killed.' },
        { id: 'break', label: 'Break', run: () => Promise.reject(new Error('It would not break.')) },
      ],
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const simulator = await startRig({ panel });
    const events = await follow(simulator);
    expect(events[0]).toMatchObject({
      data: { panel: { state: { sent: 1 }, actions: [{ id: 'kill', label: 'Kill the bot' }, {}] } },
    });
    sent = 2;
    for (const listener of listeners) listener();
    await until('the change has come', () => events.some(({ event }) => event === 'panel'));
    expect(events.at(-1)).toEqual({ event: 'panel', data: { title: 'Traffic', sent: 2 } });
    expect((await post(simulator, '/page/panel', { id: 'kill' })).body).toEqual({
      ok: true,
      result: 'Killed.',
    });
    expect((await post(simulator, '/page/panel', { id: 'break' })).body).toEqual({
      ok: false,
      error: 'It would not break.',
    });
    expect((await post(simulator, '/page/panel', { id: 'other' })).body.ok).toBe(false);
    await simulator.close();
    expect(listeners.size).toBe(0);
  });

  it('refuses other web sites, names that were pointed here, and forms', async () => {
    const simulator = await startRig();
    const say = { gesture: 'say', as: ADA, channel: DEPLOYS, text: 'forged' };
    expect(
      (await post(simulator, '/page/act', say, { ...JSON_TYPE, origin: 'https://evil.example' })).status,
    ).toBe(403);
    expect((await post(simulator, '/page/act', say, { ...JSON_TYPE, origin: 'null' })).status).toBe(403);
    expect((await post(simulator, '/page/act', say, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${simulator.url}/page/act`)).status).toBe(405);
    expect(await statusWithHost(simulator, 'rebound.example')).toBe(403);
    expect(simulator.messages(DEPLOYS)).toEqual([]);
    expect((await post(simulator, '/page/act', say, { ...JSON_TYPE, origin: simulator.url })).status).toBe(
      200,
    );
  });

  it('serves the page with a policy that loads nothing from elsewhere, and no other files', async () => {
    const simulator = await startRig();
    const page = await fetch(`${simulator.url}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const path of ['/package.json', '/../package.json', '/toString', '/files/F0NOTHING1']) {
      expect((await fetch(`${simulator.url}${path}`)).status, path).toBe(404);
    }
  });

  it('cuts a WebSocket that was not asked for', async () => {
    const simulator = await startRig();
    const outcome = await new Promise<string>((resolve) => {
      const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/link/nonsense`);
      socket.onopen = () => resolve('open');
      socket.onerror = () => resolve('refused');
    });
    expect(outcome).toBe('refused');
    expect(simulator.connections).toBe(0);
  });
});

function statusWithHost(simulator: SlackSimulator, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(`${simulator.url}/page/state`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });
}
