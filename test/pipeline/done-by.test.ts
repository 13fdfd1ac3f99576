import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/pipeline/domain/command.ts';
import { withV1, withV2Beside } from '../support/core-worlds.ts';
import { ada, bob } from '../support/policies.ts';

const minute = 60_000;
const said = (answer: Answer) => ('refused' in answer ? answer.sentence : '');
const inProduction = { service: 'hello', environment: 'production' } as const;

describe('what was decided before is told with who did it and when', () => {
  it('to who approves what was approved, rejected, cancelled or overtaken', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    await world.do({ do: 'cancel deployment', service: 'hello', deployment: 'hello.production.2', by: ada });
    await world.run(minute);
    expect(said(await world.approve('hello.production.2', bob))).toMatch(
      /^Cancelled already by <@UADA> \(1 min ago\): v2/,
    );
    await world.push('three');
    await world.run(5_000);
    const reject = { do: 'reject', service: 'hello', deployment: 'hello.production.3', by: ada } as const;
    await world.do({ ...reject, reason: 'too early' });
    await world.run(minute);
    expect(said(await world.approve('hello.production.3', bob))).toMatch(
      /^Rejected already by <@UADA> \(1 min ago\): v3/,
    );
    await world.push('four');
    await world.run(5_000);
    await world.push('five');
    await world.run(minute);
    expect(said(await world.approve('hello.production.4', bob))).toMatch(
      /^Overtaken by v5 \(1 min ago\): v4/,
    );
    await world.approve('hello.production.5', ada);
    expect(said(await world.approve('hello.production.5', bob))).toMatch(
      /^Approved already by <@UADA> \(just now\): v5/,
    );
  });

  it('to who retires what is retired, or goes back to what is gone back to', async () => {
    const world = await withV2Beside();
    const back = { do: 'roll back', ...inProduction, version: 1 } as const;
    world.say = ({ kind }) => (kind === 'shift' ? 'hang' : undefined);
    await world.do({ ...back, by: ada });
    await world.run(minute);
    expect(said(await world.do({ ...back, by: bob }))).toContain(
      'under way already: <@UADA> asked for it, 1 min ago.',
    );
    const other = await withV2Beside();
    const retire = { do: 'retire', service: 'hello', deployment: 'hello.production.2' } as const;
    await other.do({ ...retire, by: ada });
    await other.run(2 * minute);
    expect(said(await other.do({ ...retire, by: ada }))).toBe(
      'v1 was retired already: <@UADA> asked for it, 2 min ago.',
    );
  });
});
