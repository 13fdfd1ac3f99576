import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { Cable } from '../../../src/selftest/processes/cable.ts';
import { killChildren } from '../../support/child.ts';
import { EngineWorld } from '../../support/engine-world.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakery-failover-'));

/** A server beside the rig's own. Resolves when it answers. */
async function redisServer(...more: string[]): Promise<number> {
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...more];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  onTestFinished(() => void server.kill('SIGKILL'));
  const client = new Redis(port, '127.0.0.1');
  client.on('error', () => undefined);
  await eventually('Redis answers', 20_000, () => client.status === 'ready');
  client.disconnect();
  return port;
}

afterAll(() => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});

test('goes on when Redis fails over in mid-flight to a replica that lacks the newest writes', async () => {
  const primary = await redisServer();
  const replica = await redisServer('--replicaof', '127.0.0.1', `${primary}`);
  const copy = new Redis(replica, '127.0.0.1');
  onTestFinished(() => copy.disconnect());
  await eventually('the replica follows', 20_000, async () =>
    /master_link_status:up/.test(await copy.info()),
  );
  const cable = await Cable.to('127.0.0.1', primary);
  onTestFinished(() => cable.close());
  const url = cable.by(`redis://127.0.0.1:${primary}`);
  const on = new EngineWorld(
    { kind: 'redis', url: () => url },
    { lock: 1_500, renew: 400, stalled: 400, grace: 500, drain: 800 },
  );
  onTestFinished(() => on.close());
  await on.start(2);
  await on.ship('one', 1);
  on.holds = ({ kind }) => kind === 'bake';
  // From here on the replica learns of nothing: what is enqueued now is lost in the failover.
  await copy.replicaof('NO', 'ONE');
  await on.push('two');
  await on.held(({ kind }) => kind === 'bake');
  cable.leadTo('127.0.0.1', replica);
  on.letGo();
  await on.approve(2);
  await on.settled(2, 60_000);
  expect(on.leftovers()).toEqual({ running: [], members: [] });
}, 180_000);
