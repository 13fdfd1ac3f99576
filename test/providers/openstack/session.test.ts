import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import type { Answer, Ask } from '../../../src/providers/openstack/exchange.ts';
import { everyItem } from '../../../src/providers/openstack/pages.ts';
import { Session } from '../../../src/providers/openstack/session.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  header: (name) => headers[name],
});
const hour = 3_600_000;

/** A cloud that answers, in turn, what it is told to. */
function scripted(answers: Answer[]) {
  const asked: Ask[] = [];
  const paused: number[] = [];
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') };
  let logins = 0;
  const exchange = async (ask: Ask) => {
    if (ask.url.endsWith('/v3/auth/tokens')) {
      logins += 1;
      const endpoints = [{ interface: 'public', region_id: 'R', url: 'http://glance' }];
      const token = {
        expires_at: new Date(clock.now + hour).toISOString(),
        project: { id: 'p' },
        catalog: [{ type: 'image', endpoints }],
      };
      return answer(201, { token }, { 'x-subject-token': `t${logins}` });
    }
    asked.push(ask);
    const next = answers.shift();
    if (!next) throw new Error('asked more than was scripted');
    return next;
  };
  const pause = async (ms: number) => {
    paused.push(ms);
  };
  const session = new Session(cloud, { exchange, now: () => clock.now, pause });
  return {
    session,
    asked,
    paused,
    clock,
    tokens: () => asked.map(({ headers }) => headers?.['x-auth-token']),
  };
}

const images = { service: 'image', path: '/images', doing: 'list images' } as const;
const signal = new AbortController().signal;

describe('a session with a cloud', () => {
  it('lets go of a login that others wait for when one of them is cancelled', async () => {
    const never = new Promise<Answer>(() => {});
    const session = new Session(cloud, { exchange: () => never, now: () => 0 });
    const cancelled = new AbortController();
    const told = session.send(images, cancelled.signal);
    cancelled.abort();
    await expect(told).rejects.toMatchObject({ fault: 'aborted' });
  });

  it('renews a refused token once, and asks again', async () => {
    const { session, tokens } = scripted([answer(401, {}), answer(200, {})]);
    await session.send(images, signal);
    expect(tokens()).toEqual(['t1', 't2']);
  });

  it('is denied when the renewed token is refused too', async () => {
    const { session, tokens } = scripted([answer(401, {}), answer(401, {})]);
    await expect(session.send(images, signal)).rejects.toMatchObject({ fault: 'denied', status: 401 });
    expect(tokens()).toEqual(['t1', 't2']);
  });

  it('renews its token before it expires', async () => {
    const { session, tokens, clock } = scripted([answer(200, {}), answer(200, {}), answer(200, {})]);
    await session.send(images, signal);
    clock.now += hour - 180_000;
    await session.send(images, signal);
    clock.now += 120_000;
    await session.send(images, signal);
    expect(tokens()).toEqual(['t1', 't1', 't2']);
  });

  it('logs in once for all who ask at the same time', async () => {
    const { session, tokens } = scripted([answer(200, {}), answer(200, {}), answer(200, {})]);
    await Promise.all([1, 2, 3].map(() => session.send(images, signal)));
    expect(tokens()).toEqual(['t1', 't1', 't1']);
  });

  it.each([413, 429, 503])('waits as long as a %i says, then asks again', async (status) => {
    const { session, paused } = scripted([
      answer(status, {}, { 'retry-after': '7' }),
      answer(status, {}, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }),
      answer(200, {}),
    ]);
    await session.send(images, signal);
    expect(paused).toEqual([7_000, 9_000]);
  });

  it('gives a service up that turns it away four times', async () => {
    const away = Array.from({ length: 4 }, () => answer(503, {}, { 'retry-after': '1' }));
    const { session, asked } = scripted(away);
    await expect(session.send(images, signal)).rejects.toMatchObject({ fault: 'busy' });
    expect(asked).toHaveLength(4);
  });

  it('sends nothing twice that may have had an effect', async () => {
    const { session, asked } = scripted([answer(500, '<html>', { 'retry-after': '1' })]);
    const told = session.send({ ...images, method: 'POST', body: {} }, signal);
    await expect(told).rejects.toMatchObject({ fault: 'unreachable', status: 500 });
    expect(asked).toHaveLength(1);
  });

  it('tells the request id of an answer of another shape', async () => {
    const { session } = scripted([answer(200, { images: 7 }, { 'x-openstack-request-id': 'req-9' })]);
    await expect(
      session.ask(images, z.object({ images: z.array(z.string()) }), signal),
    ).rejects.toMatchObject({
      fault: 'unexpected state',
      message: expect.stringContaining('req-9'),
    });
  });

  it('follows pages at the catalog’s address only', async () => {
    const { session, asked } = scripted([
      answer(200, { images: ['a'], next: 'http://elsewhere/v2/images?marker=a' }),
      answer(200, { images: ['b'] }),
    ]);
    expect(await everyItem(session, images, 'images', z.string(), signal)).toEqual(['a', 'b']);
    expect(asked.map(({ url }) => url)).toEqual([
      'http://glance/v2/images',
      'http://glance/v2/images?marker=a',
    ]);
  });

  it('ends when a list gives the same page for ever', async () => {
    const page = () => answer(200, { images: ['a'], next: '/v2/images?marker=a' });
    const { session } = scripted([page(), page(), page()]);
    const told = everyItem(session, images, 'images', z.string(), signal);
    await expect(told).rejects.toMatchObject({ fault: 'unexpected state' });
  });
});
