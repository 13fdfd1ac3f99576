import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { quietUntil } from '../../src/config/quiet.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteOutward } from '../../src/ledger/outward.ts';
import { outward } from '../../src/ledger/schema.ts';
import { startCourier } from '../../src/outward/courier.ts';
import { tellReceiver } from '../../src/outward/notify/tell-receiver.ts';
import { needsSomebody, type Receiver } from '../../src/pipeline/domain/notification.ts';
import { webhookSignature } from '../../src/pipeline/webhook-signature.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { eventually } from '../support/eventually.ts';
import { policy } from '../support/policies.ts';

const key = `whsec_${Buffer.from('a key of thirty-two bytes, or so').toString('base64')}`;

interface Got {
  path: string;
  headers: Record<string, string>;
  body: string;
  said: Record<string, unknown>;
}

/** A receiver that keeps what it was told, and refuses as often as it is told to. */
async function receiver() {
  const got: Got[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const status = answers.shift() ?? 202;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    if (status < 300) got.push({ path: request.url ?? '', headers, body, said: JSON.parse(body) });
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, answers };
}

/** As a receiver verifies it: the signature, and that it was sent just now. */
function isSigned({ headers, body }: Got): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = headers;
  const bytes = Buffer.from(key.slice('whsec_'.length), 'base64');
  const wanted = createHmac('sha256', bytes).update(`${id}.${seconds}.${body}`).digest('base64');
  return signature === `v1,${wanted}` && Math.abs(Date.now() / 1_000 - Number(seconds)) < 60;
}

/** A world whose service has receivers, with the courier that tells them. */
function notifying(...receivers: Receiver[]) {
  const world = new CoreWorld(policy({ notify: receivers }));
  const policies = (service: string) => world.parts.policies.get(service);
  const desk = sqliteOutward(world.file.db, policies, () => world.now);
  const tell = tellReceiver({ secret: async () => key, installation: 'bakery1', now: () => Date.now() });
  const open = () =>
    world.file.db
      .select()
      .from(outward)
      .all()
      .filter(({ due }) => due);
  const running = startCourier({
    desk,
    tell: async ({ content }, view, link) => {
      if ('receiver' in view && content.kind === 'notification')
        await tell(view.receiver, content.notification, link);
    },
    heldUntil: (view, { content }) =>
      'receiver' in view && content.kind === 'notification' && !needsSomebody(content.notification.type)
        ? quietUntil(view.receiver.quiet, world.now)
        : undefined,
    link: async ({ ts }) => `https://slack.example/${ts}`,
    now: () => world.now,
    log: { warn: () => undefined },
    subscribe: () => () => undefined,
    interval: 10,
  });
  onTestFinished(() => running.stop());
  const post = async () => {
    const outbox = sqliteOutbox(world.file.db, policies, () => world.now);
    for (const { key: of } of await outbox.due(100))
      await outbox.shown(of, { channel: 'C1', ts: `ts-of-${of}`, hash: 'h', revision: 1 });
  };
  const allTold = async (after = 20_000) => {
    world.now += after;
    await eventually('all is told', 10_000, () => open().length === 0);
  };
  return { world, post, allTold, open };
}

/** One release goes live, and the next one fails in build. */
async function story({ world, post, allTold }: ReturnType<typeof notifying>): Promise<void> {
  await world.push('one');
  await post();
  await world.run(5_000);
  await world.approve('hello.production.1');
  await world.run(30_000);
  await post();
  world.say = ({ kind }) =>
    kind === 'build' ? failed('command failed', 'it printed hunter2 and ended') : undefined;
  await world.push('two');
  await world.run(5_000);
  await post();
  await allTold();
}

const hook = (url: string, more: Partial<Receiver> = {}): Receiver => ({
  name: 'ops',
  template: 'webhook',
  url,
  key: 'env:KEY',
  ...more,
});

describe('a receiver of webhooks', () => {
  it('is told each event once, signed as Standard Webhooks has it, linked to the card', async () => {
    const { url, got } = await receiver();
    await story(notifying(hook(url)));
    expect(got.every(isSigned)).toBe(true);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(got.length);
    expect(got.map(({ said }) => said.type)).toEqual(
      expect.arrayContaining([
        ...['release.requested', 'release.ready', 'deployment.waiting', 'deployment.approved'],
        ...['deployment.live', 'deployment.finished', 'release.failed'],
      ]),
    );
    const live = got.find(
      ({ body }) => body.includes('deployment.live') && body.includes('"environment":"production"'),
    );
    expect(live?.said).toMatchObject({
      data: {
        ...{
          installation: 'bakery1',
          service: 'hello',
          version: 1,
          environment: 'production',
          production: true,
        },
        says: 'hello v1 is live in production',
        link: 'https://slack.example/ts-of-release.hello.v1',
      },
    });
    const bad = got.find(({ said }) => said.type === 'release.failed');
    expect(bad?.said).toMatchObject({ data: { stage: 'build', fault: 'command failed' } });
    expect(JSON.stringify(got)).not.toContain('hunter2');
  });

  it('gets the signature of the specification’s own example', () => {
    const message = {
      id: 'msg_loFOjxBNrRLzqYUf',
      seconds: 1731705121,
      body: '{"event_type":"ping","data":{"success":true}}',
    };
    expect(webhookSignature('whsec_plJ3nmyCDGBKInavdOK15jsl', message)).toBe(
      'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    );
  });

  it('that is away is told again under the same id until it takes it', async () => {
    const { url, got, answers } = await receiver();
    const made = notifying(hook(url, { about: ['release.requested'] }));
    answers.push(500, 302, 429, 401);
    await made.world.push('one');
    await made.post();
    await eventually('it was taken', 10_000, () => {
      made.world.now += 5_000;
      return got.length > 0;
    });
    expect(answers).toEqual([]);
    await made.allTold();
    expect(got).toHaveLength(1);
    expect(got.every(isSigned)).toBe(true);
  });

  it('hears only of what, whose and where it was asked to be told', async () => {
    const { url, got } = await receiver();
    const live = hook(url, { about: ['deployment.live'], environments: ['production'] });
    const other = hook(url, { name: 'other', services: ['someone-else'] });
    await story(notifying(live, other));
    expect(got.map(({ said }) => said)).toMatchObject([
      { type: 'deployment.live', data: { environment: 'production' } },
    ]);
  });

  it('that left the files is not told any more', async () => {
    const { url, got } = await receiver();
    const made = notifying(hook(url));
    await made.world.push('one');
    made.world.parts.policies = new Map([['hello', policy()]]);
    await made.allTold();
    expect(got).toEqual([]);
  });

  it('in its quiet hours is told what needs somebody at once, and the rest when they are over', async () => {
    const { url, got } = await receiver();
    // The world begins at 00:16:40 UTC.
    const made = notifying(hook(url, { quiet: { during: '* 0-5 * * *', zone: 'UTC' } }));
    made.world.say = ({ kind }) => (kind === 'build' ? failed('command failed', 'no') : undefined);
    await made.world.push('one');
    await made.world.run(5_000);
    await made.post();
    await eventually('the failure is told', 10_000, () => got.length === 1);
    expect(got[0]?.said).toMatchObject({ type: 'release.failed' });
    expect(made.open()).toHaveLength(1);
    made.world.now = 6 * 3_600_000 - 1;
    expect(quietUntil({ during: '* 0-5 * * *', zone: 'UTC' }, made.world.now)).toBe(6 * 3_600_000);
    await made.allTold(1);
    expect(got.map(({ said }) => said.type)).toEqual(['release.failed', 'release.requested']);
  });
});

describe('the template for', () => {
  const all = async (template: Receiver['template']) => {
    const { url, got } = await receiver();
    await story(notifying(hook(url, { template })));
    return got;
  };

  it('PagerDuty opens an incident for what needs somebody, closes it when it is mended, and lists changes', async () => {
    const { url, got } = await receiver();
    const made = notifying(hook(url, { template: 'pagerduty' }));
    await story(made);
    made.world.say = () => undefined;
    await made.world.push('three');
    await made.world.run(5_000);
    await made.post();
    await made.allTold();
    const incidents = got.filter(({ path }) => path === '/v2/enqueue').map(({ said }) => said);
    const release = incidents.filter(({ dedup_key }) => dedup_key === 'bakery/bakery1/hello/release.failed');
    expect(release.map(({ event_action }) => event_action)).toEqual(['resolve', 'trigger', 'resolve']);
    expect(release[1]).toMatchObject({
      routing_key: key,
      payload: {
        ...{ severity: 'error', source: 'bakery/bakery1', component: 'hello', class: 'release.failed' },
        summary: expect.stringMatching(/^hello v2 failed \(build: /),
      },
      links: [{ href: 'https://slack.example/ts-of-release.hello.v2' }],
    });
    const changes = got.filter(({ path }) => path === '/v2/change/enqueue').map(({ said }) => said);
    expect(changes[0]).toMatchObject({ routing_key: key, payload: { summary: 'hello v1 was asked for' } });
  });

  it('Datadog tags events with service, env and version', async () => {
    const got = await all('datadog');
    const live = got.find(({ body }) => body.includes('hello v1 is live in production'));
    expect(live).toMatchObject({ path: '/api/v1/events', headers: { 'dd-api-key': key } });
    expect(live?.said).toMatchObject({
      ...{ title: 'hello v1 is live in production', alert_type: 'success', source_type_name: 'bakery' },
      tags: expect.arrayContaining([
        'service:hello',
        'env:production',
        'version:v1',
        'event:deployment.live',
      ]),
    });
    expect(got.find(({ body }) => body.includes('release.failed'))?.said).toMatchObject({
      alert_type: 'error',
    });
  });

  it('Grafana annotates with tags that a dashboard can ask for', async () => {
    const got = await all('grafana');
    const live = got.find(({ body }) => body.includes('hello v1 is live in production'));
    expect(live).toMatchObject({ path: '/api/annotations', headers: { authorization: `Bearer ${key}` } });
    expect(live?.said).toMatchObject({
      tags: ['bakery', 'bakery1', 'hello', 'production', 'v1', 'deployment.live'],
      time: expect.any(Number),
    });
  });
});

describe('quiet hours', () => {
  it.each([
    ['2026-11-26T21:59:59Z', undefined],
    ['2026-11-26T22:00:00Z', '2026-11-27T05:00:00Z'],
    ['2026-11-27T04:59:59Z', '2026-11-27T05:00:00Z'],
    ['2026-11-27T05:00:00Z', undefined],
  ])('at %s, from 23 to 6 in Berlin, end at %s', (at, end) => {
    const until = quietUntil({ during: '* 23,0-5 * * *', zone: 'Europe/Berlin' }, Date.parse(at));
    expect(until).toBe(end === undefined ? undefined : Date.parse(end));
  });
});
