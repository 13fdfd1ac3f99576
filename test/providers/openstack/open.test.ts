import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openCloud } from '../../../src/providers/openstack/open.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakery-tls-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
let server: Server;
let base = '';

/** A cloud behind TLS whose authority no machine knows; its images never come. */
beforeAll(async () => {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=cloud', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
  server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    if (request.url === '/v2/images') return;
    if (request.url !== '/v3/auth/tokens') return void response.end('{"id":"i1"}');
    const endpoints = [{ interface: 'public', url: base }];
    const catalog = [{ type: 'image', endpoints }];
    const token = { expires_at: '2999-01-01T00:00:00.000000Z', project: { id: 'p' }, catalog };
    response.writeHead(201, { 'x-subject-token': 't' }).end(JSON.stringify({ token }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const open = (more: Record<string, string>) => {
  const auth = { OS_USER_ID: 'u', OS_PASSWORD: 'hidden', OS_PROJECT_ID: 'p', OS_AUTH_URL: base };
  const read = (path: string) => (path === certificate ? readFileSync(path, 'utf8') : undefined);
  return openCloud({ env: { ...auth, ...more }, read });
};
const question = { service: 'image', doing: 'look' } as const;
const { signal } = new AbortController();

describe('a cloud behind TLS', () => {
  it('is trusted by the authority that cacert names', async () => {
    const { session, close } = open({ OS_CACERT: certificate });
    const id = z.object({ id: z.string() });
    expect(await session.ask({ ...question, path: '/images/i1' }, id, signal)).toEqual({ id: 'i1' });
    await close();
  });

  it('is not asked anything without its authority', async () => {
    const { session, close } = open({});
    const told = session.send({ ...question, path: '/images/i1' }, signal);
    await expect(told).rejects.toMatchObject({ fault: 'unreachable' });
    await close();
  });

  it('is let go of when the task is cancelled', async () => {
    const { session, close } = open({ OS_CACERT: certificate });
    const told = session.send({ ...question, path: '/images' }, AbortSignal.timeout(50));
    await expect(told).rejects.toMatchObject({ fault: 'aborted' });
    await close();
  });

  it('is refused when the file of its authority is not there', () => {
    expect(() => open({ OS_CACERT: '/none.pem' })).toThrow(/\/none\.pem of cacert is not there/);
  });
});
