import { expect } from 'vitest';
import type { Image } from '../../src/pipeline/domain/image.ts';
import type { LaunchOrder } from '../../src/pipeline/provider.ts';
import { freeCall } from '../support/settle.ts';
import { faultOf, instances, type Proofs, type ProviderBench } from './provider-bench.ts';

const onceOrder = (on: ProviderBench, image: Image, argv: string[], within = 20_000): LaunchOrder => {
  const order = on.launchOrder(image, argv);
  return { ...order, spec: { ...order.spec, once: true, health: { path: '/', within } } };
};

/** Commands that run once in an instance of their own. */
export const commandProofs = {
  'a command that runs once is ready when it ended well, and is not run again': async (on) => {
    const order = onceOrder(on, await on.bake(), on.start.endsWell);
    const [first, second] = [await on.launch(order), await on.launch(order, on.another())];
    expect(second).toEqual(first);
    expect(await on.provider.logs(first, 10, freeCall())).toEqual(['milled']);
    expect(await instances(on.provider, on.owner)).toEqual([first.id]);
    await on.terminate(first.id);
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
  'a command that runs once and ends badly is the fault "exited", with its last lines': async (on) => {
    const order = onceOrder(on, await on.bake(), on.start.exits);
    const [error, again] = [await faultOf(on.launch(order)), await faultOf(on.launch(order))];
    expect([error.fault, again.fault]).toEqual(['exited', 'exited']);
    expect(error.message).toContain('exit code 3');
    expect(error.lines).toEqual(['out of flour']);
  },
  'a command that takes longer than it may is the fault "timeout", and is ended like an instance': async (
    on,
  ) => {
    const order = onceOrder(on, await on.bake(), on.start.neverHealthy, 500);
    expect((await faultOf(on.launch(order))).fault).toBe('timeout');
    const [id = ''] = await instances(on.provider, on.owner);
    await on.terminate(id);
    expect(await instances(on.provider, on.owner)).toEqual([]);
  },
} satisfies Proofs;
