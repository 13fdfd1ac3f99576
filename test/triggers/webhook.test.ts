import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { WebhookParts } from '../../src/triggers/webhook.ts';
import { policy, receiver } from './receiver.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(over: Partial<WebhookParts> = {}) {
  const made = await receiver(over);
  open.push(made);
  return made;
}
type Receiver = Awaited<ReturnType<typeof start>>;

const hmac = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');

function github(to: Receiver, over: { payload?: object; id?: string; event?: string; secret?: string } = {}) {
  const body = JSON.stringify(
    over.payload ?? {
      ref: 'refs/heads/main',
      repository: { clone_url: 'https://github.com/acme/hello.git' },
    },
  );
  return to.send('/webhooks/github', body, {
    'content-type': 'application/json',
    'x-github-event': over.event ?? 'push',
    'x-github-delivery': over.id ?? '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    'x-hub-signature-256': `sha256=${hmac(over.secret ?? 'gh', body)}`,
  });
}

function gitlab(to: Receiver, over: { payload?: object; token?: string; event?: string } = {}) {
  const body = JSON.stringify(
    over.payload ?? {
      object_kind: 'push',
      ref: 'refs/heads/main',
      after: 'a'.repeat(40),
      project: { git_ssh_url: 'git@github.com:acme/hello.git' },
    },
  );
  return to.send('/webhooks/gitlab', body, {
    'x-gitlab-token': over.token ?? 'gl',
    'x-gitlab-event': over.event ?? 'Push Hook',
    'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e',
  });
}

function generic(to: Receiver, over: { payload?: unknown; at?: number; signature?: string } = {}) {
  const body = JSON.stringify(over.payload ?? { repository: 'git@github.com:acme/hello', ref: 'main' });
  const at = over.at ?? 1_000_000;
  const signature = over.signature ?? `t=${at},v1=${hmac('ge', `${at}.${body}`)}`;
  return to.send('/webhooks/push', body, { 'x-bakery-signature': signature });
}

describe('a push', () => {
  it('told by GitHub asks for a release of the branch, known by what was signed', async () => {
    const to = await start();
    expect(await github(to)).toMatchObject({ status: 200, text: 'hello: v1 is being built.' });
    expect(to.orders).toEqual([
      {
        service: 'hello',
        ref: 'main',
        onlyNew: true,
        by: { kind: 'webhook', source: 'github', delivery: expect.stringMatching(/^body-[0-9a-f]{64}$/) },
      },
    ]);
  });

  it('told by GitLab or by a generic signed request does so too', async () => {
    const to = await start();
    expect((await gitlab(to)).status).toBe(200);
    expect((await generic(to)).status).toBe(200);
    expect(
      (
        await generic(to, {
          payload: { repository: 'https://github.com/acme/hello', ref: 'refs/heads/main', commit: 'abcdef1' },
        })
      ).status,
    ).toBe(200);
    expect(to.orders.map(({ by }) => by.kind === 'webhook' && by.source)).toEqual([
      'gitlab',
      'generic',
      'generic',
    ]);
  });

  it('asks for every service of the repository that releases this branch', async () => {
    const policies = () => [
      policy(),
      policy({ service: 'worker', folder: 'worker' }),
      policy({ service: 'old', branch: 'v1' }),
    ];
    const to = await start({ policies });
    expect((await github(to)).text).toBe('hello: v1 is being built.\nworker: v1 is being built.');
  });

  it('passes on the sentence of a refusal', async () => {
    const to = await start();
    to.answers.push({ refused: 'already there', sentence: 'This commit is v3 already.' });
    expect(await github(to)).toMatchObject({ status: 200, text: 'hello: This commit is v3 already.' });
  });
});

describe('what is ignored', () => {
  it('is answered with 202 and why', async () => {
    const to = await start();
    const from = (repository: object, ref = 'refs/heads/main') =>
      github(to, { payload: { ref, ...repository } });
    const hello = { repository: { ssh_url: 'git@github.com:acme/hello.git' } };
    const answers = [
      await from({ repository: { clone_url: 'https://github.com/evil/hello.git' } }),
      await from({ repository: {} }),
      await from(hello, 'refs/heads/topic'),
      await from(hello, 'refs/tags/main'),
      await from({ ...hello, deleted: true }),
      await github(to, { event: 'issues' }),
      await gitlab(to, { event: 'Tag Push Hook' }),
      await gitlab(to, {
        payload: {
          ref: 'refs/heads/main',
          after: '0'.repeat(40),
          project: { web_url: 'https://github.com/acme/hello' },
        },
      }),
    ];
    expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual([
      '202 Ignored: no service comes from this repository.',
      '202 Ignored: no service comes from this repository.',
      '202 Ignored: a release is made of main for hello only, and this was another branch.',
      '202 Ignored: it is no branch; only pushes to branches begin a release.',
      '202 Ignored: the branch was deleted; nothing is there to release.',
      '202 Ignored: issues is no push; only pushes begin a release.',
      '202 Ignored: Tag Push Hook is no push; only pushes begin a release.',
      '202 Ignored: the branch was deleted; nothing is there to release.',
    ]);
    expect(to.orders).toEqual([]);
  });

  it("includes GitHub's ping, which is greeted", async () => {
    const to = await start();
    expect(await github(to, { event: 'ping' })).toMatchObject({ status: 200 });
    expect(to.orders).toEqual([]);
  });
});

describe('a redelivery', () => {
  it('does nothing twice when it is delivered again', async () => {
    const to = await start();
    await github(to);
    expect(await github(to)).toMatchObject({
      status: 200,
      text: 'This delivery was seen before; nothing was done again.',
    });
    await gitlab(to);
    expect((await gitlab(to)).text).toContain('seen before');
    expect(to.orders).toHaveLength(2);
  });

  it('under another id, which nobody has signed, does nothing twice either', async () => {
    const to = await start();
    await github(to);
    expect((await github(to, { id: 'another-delivery-id' })).text).toContain('seen before');
    expect(to.orders).toHaveLength(1);
  });

  it('of a generic signed push is refused as a replay', async () => {
    const to = await start();
    await generic(to);
    expect((await generic(to)).status).toBe(409);
    expect(to.orders).toHaveLength(1);
  });

  it('is taken when the first delivery failed on the way', async () => {
    const to = await start();
    to.answers.push(new Error('the ledger is away'), {
      refused: 'bad input',
      sentence: 'The repository is away.',
    });
    expect(await github(to)).toMatchObject({ status: 500 });
    expect((await github(to)).text).toContain('is away');
    expect((await github(to)).text).toContain('v1 is being built');
    expect((await github(to)).text).toContain('seen before');
    expect(to.orders).toHaveLength(3);
  });
});

describe('a request that cannot prove itself', () => {
  it('is refused with a wrong signature, whatever the source, and does nothing', async () => {
    const to = await start();
    const answers = [
      await github(to, { secret: 'wrong' }),
      await to.send('/webhooks/github', '{', { 'x-github-event': 'push' }),
      await gitlab(to, { token: 'wrong' }),
      await gitlab(to, { token: '' }),
      await generic(to, { signature: 't=1000000,v1=00' }),
      await generic(to, { signature: `t=1000000,v1=${'0'.repeat(64)}` }),
      await generic(to, { signature: '' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401, 401]);
    expect(to.orders).toEqual([]);
  });

  it('is refused when its time is more than five minutes off', async () => {
    const to = await start();
    expect((await generic(to, { at: 1_000_000 - 301 })).status).toBe(401);
    expect((await generic(to, { at: 1_000_000 + 301 })).status).toBe(401);
    expect((await generic(to, { at: 1_000_000 - 299 })).status).toBe(200);
  });

  it('is refused when it was changed after it was signed', async () => {
    const to = await start();
    const signature = `t=1000000,v1=${hmac('ge', '1000000.{"repository":"x","ref":"main"}')}`;
    expect((await generic(to, { signature })).status).toBe(401);
  });
});

describe('a bad request', () => {
  it('of another path is left to others', async () => {
    const to = await start();
    expect((await to.send('/healthz', '')).status).toBe(418);
  });

  it('to a source that is not served is 404, and one that is no POST is 405', async () => {
    const to = await start({ secrets: { gitlab: 'gl' } });
    expect((await github(to)).status).toBe(404);
    expect((await to.send('/webhooks/constructor', '')).status).toBe(404);
    const got = await to.send('/webhooks/gitlab', '', {}, 'GET');
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('of more than 1 MiB is 413, said or unsaid', async () => {
    const to = await start();
    const large = 'x'.repeat(1024 * 1024 + 1);
    const answer = await to.send('/webhooks/github', large).catch(() => undefined);
    // The connection may be closed under the sender's feet: then there is no answer to read.
    if (answer !== undefined) expect(answer.status).toBe(413);
    expect(await raw(to.port, chunked(large))).toContain('413');
    expect(to.orders).toEqual([]);
  });

  it('that is proved but no push in JSON is 400', async () => {
    const to = await start();
    for (const payload of [
      [],
      { repository: 7, ref: 'main' },
      { repository: 'x', ref: 'main', more: 1 },
      'x',
    ])
      expect((await generic(to, { payload })).status).toBe(400);
    expect((await github(to, { payload: { ref: 'refs/heads/main' } })).status).toBe(400);
  });
});

const chunked = (text: string): string =>
  `POST /webhooks/github HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString('utf8'));
    });
    socket.on('error', () => undefined);
  });
}
