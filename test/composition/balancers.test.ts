import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBalancers } from '../../src/composition/balancers.ts';
import { calmCall } from '../support/call.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('a balancer of the configuration is told whom to expect, and a call of it that failed is counted', async () => {
  const failed: string[][] = [];
  const folder = tempFolder();
  const settings = {
    kind: 'haproxy' as const,
    socket: join(folder, 'no.sock'),
    stateDir: folder,
    host: '127.0.0.1',
  };
  const balancers = await openBalancers(new Map([['edge', settings]]), {
    balancerFailed: (...told) => void failed.push(told),
  });
  const expecting = balancers
    .get('edge')
    ?.expect?.(
      { slot: 'hello.dev', port: 1 },
      { key: 'launch.1', path: '/' },
      Date.now() + 1_000,
      calmCall(),
    );
  await expect(expecting).rejects.toMatchObject({ fault: 'unreachable' });
  expect(failed).toEqual([['edge', 'unreachable']]);
});
