import { goingOn } from '../evidence.ts';
import { historyOf, type Step } from '../history.ts';
import { breaches } from '../invariants/index.ts';
import { commandOf } from '../people.ts';
import { Random } from '../random.ts';
import { type Scene, service } from '../scene.ts';
import { SimulatedWorld } from './world.ts';

const second = 1_000;
const minute = 60 * second;
/** How long all that was begun may take to come to rest after everything is right again. */
const restWithin = 45 * minute;

/** What came of one run. */
export interface RunReport {
  breaches: string[];
  /** What happened, line by line. */
  told: string[];
  virtualMs: number;
}

/** The installation and the steps that a seed stands for. */
export function simulationOf(seed: number): { scene: Scene; steps: Step[] } {
  const random = new Random(seed);
  const scene = {
    count: random.between(1, 2),
    tokens: true,
    workers: random.between(2, 3),
    eager: random.chance(0.7),
    haste: 1,
  };
  return { scene, steps: historyOf(random) };
}

/** Runs these steps; the same seed and the same steps give the same run. */
export async function simulate(seed: number, scene: Scene, steps: readonly Step[]): Promise<RunReport> {
  const world = new SimulatedWorld(scene, new Random(seed ^ 0x5bd1e995));
  const began = world.timeline.now;
  try {
    for (const [index, step] of steps.entries()) {
      await world.timeline.runUntil(world.timeline.now + step.after);
      // Now and then, so that cards are drawn in the middle of things as well as at their end.
      if (index % 4 === 0) await world.showCards();
      await take(world, step);
    }
    await world.timeline.runUntil(world.timeline.now + 5 * second);
    world.heal();
    await rest(world);
    // A surplus has a minute, and so has what the clock puts right.
    await world.timeline.runUntil(world.timeline.now + minute + 15 * second);
    await rest(world);
    const broken = [...breaches(await world.evidence()), ...world.bugs];
    return { breaches: broken, told: world.told, virtualMs: world.timeline.now - began };
  } finally {
    world.close();
  }
}

async function rest(world: SimulatedWorld): Promise<void> {
  const deadline = world.timeline.now + restWithin;
  while (world.timeline.now < deadline) {
    await world.timeline.runUntil(world.timeline.now + 10 * second);
    if (goingOn(world.ledger()).length === 0) return;
  }
}

async function take(world: SimulatedWorld, step: Step): Promise<void> {
  const { timeline, queue, cloud, troubles } = world;
  switch (step.do) {
    case 'trouble':
      return troubles.add(step.trouble);
    case 'kill a worker':
      world.tell(`${world.worker(step.pick)?.process.name} is killed`);
      return world.worker(step.pick)?.process.kill();
    case 'freeze a worker':
      world.tell(`${world.worker(step.pick)?.process.name} is frozen for ${step.ms} ms`);
      return world.worker(step.pick)?.process.freeze(step.ms);
    case 'cut a worker off': {
      const worker = world.worker(step.pick);
      world.tell(`${worker?.process.name} is cut from the queue for ${step.ms} ms`);
      if (worker !== undefined) worker.cutUntil = timeline.now + step.ms;
      return;
    }
    case 'kill the bot':
      world.tell('the bot is killed');
      return world.killBot(step.ms);
    case 'freeze the bot':
      world.tell(`the bot is frozen for ${step.ms} ms`);
      return world.freezeBot(step.ms);
    case 'empty the queue':
      world.tell('the queue is emptied');
      return queue.empty();
    case 'queue away':
      world.tell(`the queue is away for ${step.ms} ms`);
      queue.awayUntil = timeline.now + step.ms;
      return;
    case 'lose an instance':
      world.tell(`${cloud.strike(step.pick, timeline.now, service) ?? 'nothing'} is gone`);
      return;
    case 'starts hang':
    case 'starts stay sick':
    case 'endings hang':
    case 'lists lag':
    case 'throttle':
      cloud.worsen(step);
      return world.tell(step.do);
    default: {
      const command = commandOf(step, world.ledger(), service);
      if (command !== undefined) world.ask(command);
    }
  }
}
