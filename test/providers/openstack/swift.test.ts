import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloudSchema } from '../../../src/providers/openstack/cloud.ts';
import type { Answer, Ask } from '../../../src/providers/openstack/exchange.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { Swift } from '../../../src/providers/openstack/swift.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const cloud = cloudSchema.parse({
  auth: { auth_url: 'http://keystone', username: 'a', user_domain_id: 'd', password: 'b', project_id: 'p' },
});
const keyHeader = 'x-container-meta-temp-url-key';
const now = Date.parse('2026-01-01T00:00:00Z');
const { signal } = new AbortController();

/** An object store in memory, as far as it is asked here: a container with its key, and objects by their size. */
function store(services = ['object-store']) {
  const asked: Ask[] = [];
  const objects = new Map<string, string>();
  let key: string | undefined;
  const reply = (status: number, headers: Record<string, string> = {}, text = ''): Answer => ({
    status,
    text,
    header: (name) => headers[name],
  });
  const endpoints = [{ interface: 'public', region_id: 'R', url: 'http://swift/v1/AUTH_p' }];
  const token = {
    expires_at: new Date(now + 3_600_000).toISOString(),
    project: { id: 'p' },
    catalog: services.map((type) => ({ type, endpoints })),
  };
  const container = ({ method, headers }: Ask): Answer => {
    if (method === 'PUT') key = headers?.[keyHeader];
    return key === undefined ? reply(404) : reply(204, { [keyHeader]: key });
  };
  const exchange = async (ask: Ask): Promise<Answer> => {
    if (ask.url.endsWith('/auth/tokens'))
      return reply(201, { 'x-subject-token': 't' }, JSON.stringify({ token }));
    asked.push(ask);
    const path = ask.url.replace('http://swift/v1/AUTH_p', '');
    if (path === '/bakery') return container(ask);
    const { pathname, searchParams: query } = new URL(ask.url);
    if (pathname.endsWith('/bakery')) {
      const after = query.get('marker') ?? '';
      const names = [...objects.keys()].map((name) => name.slice('/bakery/'.length)).sort();
      const page = names.filter((name) => name.startsWith(query.get('prefix') ?? '') && name > after);
      return key === undefined
        ? reply(404)
        : reply(200, {}, JSON.stringify(page.slice(0, 2).map((name) => ({ name }))));
    }
    if (ask.method === 'PUT') objects.set(path, ask.file ?? '');
    if (ask.method === 'DELETE') return reply(objects.delete(path) ? 204 : 404);
    return objects.has(path) ? reply(200, { 'content-length': '5' }, 'bytes') : reply(404);
  };
  const swift = new Swift(new Session(cloud, { exchange, now: () => now }), 'bakery', () => now);
  return { swift, asked, objects, key: () => key ?? '' };
}

describe('the object store between Bakery and its servers', () => {
  it('gives addresses that Swift accepts, for one thing, one name and a time', async () => {
    const { swift, key } = store();
    const url = new URL(await swift.address('PUT', 'reports/a b', 60_000, signal));
    expect(`${url.origin}${url.pathname}`).toBe('http://swift/v1/AUTH_p/bakery/reports/a%20b');
    const expires = String(now / 1_000 + 60);
    // As docs.openstack.org/swift, "TempURL", has it.
    const signed = createHmac('sha256', key()).update(`PUT\n${expires}\n${url.pathname}`).digest('hex');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      temp_url_sig: signed,
      temp_url_expires: expires,
    });
  });

  it('makes its container and a key that nobody can guess, once', async () => {
    const { swift, asked, key } = store();
    await swift.address('GET', 'one', 1_000, signal);
    const first = key();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    await swift.address('GET', 'two', 1_000, signal);
    expect(key()).toBe(first);
    expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('is sent a package once, and lets it go by itself', async () => {
    const { swift, asked } = store();
    const file = join(tempFolder(), 'package');
    writeFileSync(file, 'bytes');
    await swift.put('packages/one', file, signal);
    await swift.put('packages/one', file, signal);
    const sent = asked.filter((ask) => ask.file !== undefined);
    expect(sent.map(({ headers }) => headers?.['x-delete-after'])).toEqual(['604800']);
  });

  it('lists all names that begin so, page by page, and none before there is a container', async () => {
    const { swift, objects } = store();
    expect(await swift.list('us/', signal)).toEqual([]);
    await swift.address('GET', 'one', 1_000, signal);
    for (const name of ['us/a', 'us/b', 'us/c', 'them/a']) objects.set(`/bakery/${name}`, '');
    expect(await swift.list('us/', signal)).toEqual(['us/a', 'us/b', 'us/c']);
  });

  it('lists nothing where the cloud has no object store, and says that it has none', async () => {
    const without = store(['compute']);
    expect(await without.swift.list('us/', signal)).toEqual([]);
    expect(await without.swift.isOffered(signal)).toBe(false);
    expect(await store().swift.isOffered(signal)).toBe(true);
  });

  it('has nothing where nothing was put, and removing it is fine', async () => {
    const { swift, objects } = store();
    expect(await swift.read('reports/none', signal)).toBeUndefined();
    await swift.remove('reports/none', signal);
    objects.set('/bakery/reports/one', '');
    expect(await swift.read('reports/one', signal)).toBe('bytes');
    await swift.remove('reports/one', signal);
    expect(objects.size).toBe(0);
  });
});
