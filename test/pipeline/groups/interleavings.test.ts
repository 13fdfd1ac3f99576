import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/ledger/audit.ts';
import { isDeploymentOver } from '../../../src/pipeline/domain/deployment.ts';
import { isUnderWay } from '../../../src/pipeline/domain/group.ts';
import {
  FaultyGroup as Faulty,
  type FaultyGroup,
  groupMove,
  makeGroupMove,
} from '../../support/group-moves.ts';
import { shopServices } from '../../support/group-world.ts';
import { seeded } from '../../support/moves.ts';

const runs = Number(process.env.BAKERY_PROPERTY_RUNS ?? 20);

interface Told {
  moved: number;
  back: number;
  finished: number;
}

/** What the events tell, from the first to the last. */
function check(world: FaultyGroup, told: Told): void {
  const rows = new Map(world.allOfGroup().map((row) => [row.number, row]));
  /** By group release: members that are done, and whose turn it was. */
  const done = new Map<number, string[]>();
  const turns = new Map<string, number>();
  const stopped = new Set<number>();
  const live = new Map<string, number>();
  const begun = new Map<string, string>();
  for (const event of world.story()) {
    if (event.type === 'WentLive' && event.environment === 'production') {
      live.set(event.service, event.serving.version);
      told.moved += event.kind === 'release' ? 1 : 0;
    }
    if (event.type === 'DeploymentStepDone' && event.environment === 'production' && event.returnedTo)
      live.set(event.service, event.returnedTo.version);
    if (event.type === 'GroupGoingBack') stopped.add(event.number);
    if (event.type === 'GroupTurnGiven') {
      const row = rows.get(event.number);
      const before = row?.members.map(({ service }) => service) ?? [];
      const sofar = done.get(event.number) ?? [];
      // In order, each after all before it are through, and never after something went wrong.
      expect(before.slice(0, before.indexOf(event.member)).every((one) => sofar.includes(one))).toBe(true);
      expect(stopped.has(event.number)).toBe(false);
      const version = row?.members.find(({ service }) => service === event.member)?.version ?? 0;
      turns.set(`${event.member} v${version}`, event.number);
    }
    if (event.type === 'GroupMemberDone')
      done.set(event.number, [...(done.get(event.number) ?? []), event.member]);
    if (event.type === 'LeaseTaken' && event.environment === 'production') {
      const deployment = world.deployment(event.deployment);
      if (deployment.kind !== 'release') continue;
      const name = `${event.service} v${event.version}`;
      // Nothing begins without its turn, and one approval begins one deployment of each.
      expect(turns.has(name), `${name} began without its turn`).toBe(true);
      const ofTurn = `${turns.get(name)} ${name}`;
      expect(begun.get(ofTurn) ?? event.deployment).toBe(event.deployment);
      begun.set(ofTurn, event.deployment);
    }
    if (event.type === 'GroupMemberBack') {
      const step = rows.get(event.number)?.runs[event.where]?.back?.steps;
      expect(live.get(event.member)).toBe(step?.find(({ member }) => member === event.member)?.to);
      told.back += 1;
    }
    if (event.type === 'GroupFinished') told.finished += 1;
  }
}

/** Once nothing fails any more, all ends or waits for a person, and whoever stays says why. */
async function comesToRest(world: FaultyGroup): Promise<void> {
  world.broken.splice(0);
  for (let minute = 0; minute < 6; minute++) await world.run(60_000);
  await world.upkeep(120_000, 15_000);
  for (const row of world.allOfGroup()) {
    for (const run of Object.values(row.runs)) {
      const waits =
        run.state === 'rolling out' &&
        isHeld(
          world,
          row.members.map(({ service }) => service),
        );
      expect(isUnderWay(run) && !waits, `${row.number} ${JSON.stringify(run)}`).toBe(false);
      if (run.state !== 'went back') continue;
      for (const step of run.back?.steps ?? []) {
        expect(step.outcome).toBeDefined();
        expect(step.outcome === 'stays' ? step.because : '').toBeDefined();
      }
    }
  }
  for (const id of world.deploymentIds()) {
    const deployment = world.deployment(id);
    const isAtRest = isDeploymentOver(deployment) || deployment.wait !== undefined;
    expect(isAtRest, `${id} ${deployment.state}`).toBe(true);
  }
  expect(audit(world.file.db).problems).toEqual([]);
}

/** A lock, or people who have to agree anew, hold it. */
const isHeld = (world: FaultyGroup, services: string[]): boolean =>
  services.some((service) => world.of(service)?.lock !== undefined);

describe('a group of services, whatever people and faults do', () => {
  it('goes in order, once for each yes, and comes to rest', async () => {
    const told: Told = { moved: 0, back: 0, finished: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(groupMove, { minLength: 8, maxLength: 40 }), async (steps) => {
        const world = new Faulty();
        for (const [index, step] of steps.entries()) await makeGroupMove(world, step, index);
        await comesToRest(world);
        check(world, told);
        world.file.close();
      }),
      { ...seeded, numRuns: runs },
    );
    expect(told.moved).toBeGreaterThan(runs);
    expect(told.back).toBeGreaterThan(0);
    expect(told.finished).toBeGreaterThan(0);
    expect(shopServices.length).toBe(3);
  });
});
