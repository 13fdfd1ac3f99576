import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Check, healthRoutes } from '../../src/ops/health.ts';
import { createMetrics, type Readings } from '../../src/ops/metrics.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function serve(checks: Check[], readings: Readings = {}) {
  const metrics = createMetrics();
  metrics.read(readings);
  const handler = healthRoutes(() => checks, metrics, undefined, 50);
  const server = createServer((request, response) => {
    void handler(request, response).then((taken) => {
      if (!taken) response.writeHead(418).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const { port } = server.address() as AddressInfo;
  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { get, metrics };
}

const fine: Check = { name: 'ledger', check: () => undefined };

describe('/healthz', () => {
  it('answers as long as the process does, to GET and HEAD only', async () => {
    const { get } = await serve([{ name: 'queue', check: () => Promise.reject(new Error('away')) }]);
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/healthz', 'HEAD')).text()).toBe('');
    expect((await get('/healthz', 'POST')).status).toBe(405);
    expect((await get('/else')).status).toBe(418);
    expect((await get('/constructor')).status).toBe(418);
  });
});

describe('/readyz', () => {
  it('is 200 when every check is fine', async () => {
    const { get } = await serve([fine]);
    const answer = await get('/readyz?verbose');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      ready: true,
      checks: [{ name: 'ledger', ok: true, sentence: 'Fine.' }],
    });
  });

  it('tells what is worth telling of a check that is fine', async () => {
    const { get } = await serve([{ name: 'slack', check: () => ({ note: 'Messages wait.' }) }]);
    const answer = await get('/readyz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      checks: [{ name: 'slack', ok: true, sentence: 'Messages wait.' }],
    });
  });

  it('is 503 with a sentence for each that is not: wrong, failed, or too late', async () => {
    const { get } = await serve([
      fine,
      {
        name: 'lease',
        check: () => {
          throw new Error('Another coordinator has the ledger; this one waits as standby.');
        },
      },
      { name: 'queue', check: () => Promise.reject(new Error('Redis cannot be reached.')) },
      { name: 'slack', check: () => new Promise(() => undefined) },
    ]);
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      ready: false,
      checks: [
        { name: 'ledger', ok: true, sentence: 'Fine.' },
        {
          name: 'lease',
          ok: false,
          sentence: 'Another coordinator has the ledger; this one waits as standby.',
        },
        { name: 'queue', ok: false, sentence: 'Redis cannot be reached.' },
        { name: 'slack', ok: false, sentence: 'It did not answer within 0.05 s.' },
      ],
    });
  });
});

describe('/metrics', () => {
  it('tells what was recorded', async () => {
    const { get, metrics } = await serve([]);
    metrics.releaseEnded('hello', 'failed');
    metrics.deploymentEnded('hello', 'dev', 'live');
    metrics.stageEnded('bake', 'passed', 1500);
    metrics.taskEnded('launch', 'not yet', 20);
    metrics.slackCalled('chat.update', 'ratelimited');
    metrics.balancerFailed('front', 'unreachable');
    metrics.commandDecided('approve', 'stale');
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    const text = await answer.text();
    for (const line of [
      'bakery_releases_ended_total{service="hello",state="failed"} 1',
      'bakery_deployments_ended_total{service="hello",environment="dev",state="live"} 1',
      'bakery_stage_seconds_bucket{le="1",stage="bake",outcome="passed"} 0',
      'bakery_stage_seconds_bucket{le="2.5",stage="bake",outcome="passed"} 1',
      'bakery_task_attempt_seconds_count{kind="launch",outcome="not yet"} 1',
      'bakery_slack_calls_total{method="chat.update",result="ratelimited"} 1',
      'bakery_balancer_failures_total{balancer="front",fault="unreachable"} 1',
      'bakery_commands_total{command="approve",answer="stale"} 1',
    ])
      expect(text).toContain(line);
  });

  it('reads what is so now, and forgets states that are empty', async () => {
    let releases: Record<string, number> = { running: 2 };
    const { get } = await serve([], {
      releases: async () => releases,
      deployments: async () => ({ live: 1 }),
      queue: async () => ({ waiting: 1, active: 2, delayed: 3 }),
      outboxAge: async () => 1500,
    });
    const first = await (await get('/metrics')).text();
    for (const line of [
      'bakery_releases{state="running"} 2',
      'bakery_deployments{state="live"} 1',
      'bakery_queue_tasks{state="delayed"} 3',
      'bakery_outbox_age_seconds 1.5',
    ])
      expect(first).toContain(line);
    releases = { failed: 1 };
    const second = await (await get('/metrics')).text();
    expect(second).toContain('bakery_releases{state="failed"} 1');
    expect(second).not.toContain('state="running"');
  });

  it('is answered while the queue is away', async () => {
    const away = () => Promise.reject(new Error('away'));
    const { get } = await serve([], { queue: away, releases: away, outboxAge: away });
    const answer = await get('/metrics');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('bakery_outbox_age_seconds Nan');
  });
});
