import { rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { type EngineRig, EngineWorld } from '../support/engine-world.ts';
import { eventually } from '../support/eventually.ts';
import { ada } from '../support/policies.ts';

export type { EngineRig } from '../support/engine-world.ts';

/** Shorter than the standard times, so that the suite does not take long. */
const short = { lock: 1_500, renew: 400, stalled: 400, grace: 500, drain: 800 };

/** The first work of each stage of a release and of its deployment to production. */
const stages: Record<string, (attempt: Attempt) => boolean> = {
  build: ({ kind }) => kind === 'build',
  bake: ({ kind }) => kind === 'bake',
  candidate: ({ effect }) => effect.startsWith('candidate.'),
  verify: ({ kind }) => kind === 'verify',
  promote: ({ effect }) => effect.startsWith('end.candidate.'),
  launch: ({ kind, effect }) => kind === 'launch' && effect.includes('.production.'),
  'cut-over': ({ kind, effect }) => kind === 'shift' && effect.includes('.production.'),
  soak: ({ kind, effect }) => kind === 'watch' && effect.includes('.production.'),
  retire: ({ kind, effect }) => kind === 'drain' && effect.includes('.production.'),
};

/** What the engine promises on every queue. The titles are the promises. */
export function engineContract(rig: EngineRig, only?: readonly string[]): void {
  const world = async (workers = 1, timings: object = short): Promise<EngineWorld> => {
    const made = new EngineWorld(rig, timings);
    onTestFinished(() => made.close());
    await made.start(workers);
    return made;
  };
  const promise = (title: string, work: () => Promise<void>): void => {
    if (only === undefined || only.some((part) => title.includes(part))) test(title, work);
  };
  const clean = { running: [], members: [] };

  describe(`the engine on the ${rig.kind} queue`, { timeout: 120_000 }, () => {
    promise('takes two releases to production and retires the old one', async () => {
      const on = await world();
      await on.ship('one', 1);
      await on.ship('two', 2);
      expect(on.leftovers()).toEqual(clean);
      expect(on.cloud.bakes).toEqual([1, 2]);
    });

    for (const [stage, fits] of Object.entries(stages)) {
      promise(`goes on from the ledger when the bot is killed in ${stage}`, async () => {
        const on = await world();
        await on.ship('one', 1);
        on.holds = fits;
        await on.push('two');
        if (['launch', 'cut-over', 'soak', 'retire'].includes(stage)) await on.approve(2);
        await on.held(fits);
        await on.bot?.kill();
        on.letGo();
        await on.startBot();
        if (!['launch', 'cut-over', 'soak', 'retire'].includes(stage)) await on.approve(2);
        await on.settled(2);
        expect(on.leftovers()).toEqual(clean);
      });
    }

    promise('keeps the question open when the bot is killed while it waits for approval', async () => {
      const on = await world();
      await on.push('one');
      await eventually('it waits', 20_000, () =>
        on.slot('production')?.open.some((id) => on.deployment(id)?.wait?.for === 'approval'),
      );
      await on.restartBot();
      await on.approve(1);
      await on.settled(1);
      expect(on.leftovers()).toEqual(clean);
    });

    promise('stops a task that is cancelled, and undoes what its release had made', async () => {
      const on = await world();
      on.holds = stages.verify ?? (() => false);
      await on.push('one');
      await on.held(({ kind }) => kind === 'verify');
      expect(await on.do({ do: 'cancel release', service: 'hello', version: 1, by: ada })).toMatchObject({
        accepted: true,
      });
      await eventually('it is cancelled', 20_000, () => on.release(1)?.state === 'cancelled');
      on.letGo();
      expect(on.leftovers()).toEqual(clean);
    });

    promise('rolls back while a cut-over hangs', async () => {
      const on = await world();
      await on.ship('one', 1);
      await on.ship('two', 2);
      on.holds = ({ kind, effect }) => kind === 'shift' && effect.includes('production.3');
      await on.push('three');
      await on.approve(3);
      await on.held(({ kind }) => kind === 'shift');
      const back = await on.do({
        do: 'roll back',
        service: 'hello',
        environment: 'production',
        version: 2,
        by: ada,
      });
      expect(back).toMatchObject({ accepted: true });
      await on.settled(2);
      on.letGo();
      await eventually('v3 is taken down', 20_000, () => on.leftovers().running.length === 0);
      expect(on.leftovers()).toEqual(clean);
    });

    promise('goes on within 15 s when the worker that bakes is killed with -9', async () => {
      const on = await world(2, {});
      on.holds = ({ kind, attempt }) => kind === 'bake' && attempt === 1 && on.cloud.bakes.length === 0;
      await on.push('one');
      await on.held(({ kind }) => kind === 'bake');
      const by = on.begun.find(({ attempt }) => attempt.kind === 'bake')?.by;
      const killedAt = performance.now();
      const before = on.begun.length;
      if (on.apart) await on.workers.find(({ pid }) => pid === by)?.kill();
      else await on.bot?.kill();
      on.holds = () => false;
      if (!on.apart) await on.startBot();
      await eventually('another one bakes', 20_000, () =>
        on.begun.slice(before).some(({ attempt }) => attempt.kind === 'bake'),
      );
      expect(performance.now() - killedAt).toBeLessThan(15_000);
      await on.approve(1);
      await on.settled(1);
      on.letGo();
      expect(on.leftovers()).toEqual(clean);
    });

    promise('does not take a slow worker for a dead one', async () => {
      const on = await world(2);
      on.holds = ({ kind }) => kind === 'bake';
      await on.push('one');
      await on.held(({ kind }) => kind === 'bake');
      const heldAt = performance.now();
      await eventually('three locks have passed', 20_000, () => performance.now() - heldAt > 3 * short.lock);
      on.letGo();
      await on.approve(1);
      await on.settled(1);
      expect(on.begun.filter(({ attempt }) => attempt.kind === 'bake')).toHaveLength(1);
    });

    if (rig.kind !== 'embedded') {
      promise('takes no harm from a worker that is frozen, taken for dead and thawed', async () => {
        const on = await world(2);
        on.holds = ({ kind }) => kind === 'launch';
        await on.push('one');
        await on.held(({ kind }) => kind === 'launch');
        const by = on.begun.find(({ attempt }) => attempt.kind === 'launch')?.by;
        const frozen = on.workers.find(({ pid }) => pid === by);
        frozen?.signal('SIGSTOP');
        await eventually('the other one launches', 20_000, () =>
          on.begun.some((one) => one.attempt.kind === 'launch' && one.by !== by),
        );
        // Both come back: the thawed one with what it did for a lease that had ended.
        on.letGo();
        frozen?.signal('SIGCONT');
        await on.approve(1);
        await on.settled(1);
        expect(on.leftovers()).toEqual(clean);
      });
    }

    if (rig.kind === 'embedded') {
      promise('takes no harm when all of it is frozen past its leases and thawed', async () => {
        const on = await world();
        on.holds = ({ kind }) => kind === 'launch';
        await on.push('one');
        await on.held(({ kind }) => kind === 'launch');
        on.bot?.signal('SIGSTOP');
        const frozenAt = performance.now();
        await eventually(
          'three locks have passed',
          20_000,
          () => performance.now() - frozenAt > 3 * short.lock,
        );
        on.letGo();
        on.bot?.signal('SIGCONT');
        await on.approve(1);
        await on.settled(1);
        expect(on.leftovers()).toEqual(clean);
      });
    }

    if (rig.empty !== undefined || rig.kind === 'embedded') {
      promise('goes on from the ledger when the queue was emptied in mid-flight', async () => {
        const on = await world();
        on.holds = ({ kind }) => kind === 'bake';
        await on.push('one');
        await on.held(({ kind }) => kind === 'bake');
        if (on.apart) {
          await on.empty();
        } else {
          await on.bot?.kill();
          rmSync(on.queueFolder, { recursive: true, force: true });
        }
        on.letGo();
        if (!on.apart) await on.startBot();
        await on.approve(1);
        await on.settled(1, 60_000);
        expect(on.leftovers()).toEqual(clean);
      });
    }

    if (rig.kind === 'postgres') {
      promise(
        'gives nothing to a worker whose clock is 10 s ahead, and the other one does its work',
        async () => {
          const on = await world();
          const ahead = await on.startWorker(10_000);
          await on.ship('one', 1);
          await on.ship('two', 2);
          expect(on.begun.filter(({ by }) => by === ahead.pid)).toEqual([]);
          expect(on.leftovers()).toEqual(clean);
        },
      );
    }

    if (rig.server !== undefined) {
      const { server } = rig;
      promise('acknowledges commands while the queue is away, and does them when it is back', async () => {
        const on = await world();
        await on.ship('one', 1);
        await server.stop();
        try {
          expect(await on.push('two')).toMatchObject({ accepted: true });
        } finally {
          await server.start();
        }
        await on.approve(2);
        await on.settled(2);
        expect(on.leftovers()).toEqual(clean);
      });
    }
  });
}
