import type { Millis } from '../pipeline/domain/time.ts';
import type { Weathering } from './cloud/faulty-cloud.ts';
import { changes } from './cloud/request.ts';
import { mishaps, type Trouble } from './cloud/troubles.ts';
import type { Random } from './random.ts';

/** What people do. `pick` chooses among what is there at that moment. */
export type PeopleMove =
  | { do: 'push'; number: number; bad?: 'build' | 'verify' }
  | { do: Button; pick: number }
  | { do: 'cancel release' | 'retry release'; pick: number }
  | { do: 'roll back'; environment: 'dev' | 'production'; version?: number };

/** A button of a deployment's card. */
export type Button = 'approve' | 'reject' | 'cancel' | 'retire' | 'retry';

/** What befalls machines, processes and the cloud. */
export type Misfortune =
  | { do: 'trouble'; trouble: Trouble }
  | { do: 'kill a worker' | 'freeze a worker' | 'cut a worker off'; pick: number; ms: Millis }
  | { do: 'kill the bot' | 'freeze the bot'; ms: Millis }
  | { do: 'empty the queue' }
  | { do: 'queue away'; ms: Millis }
  | { do: 'lose an instance'; pick: number }
  | Weathering;

/** One step: so long after the one before it, this. */
export type Step = { after: Millis } & (PeopleMove | Misfortune);

/** What a seed brings: the same steps for the same seed. */
export function historyOf(random: Random): Step[] {
  const length = random.between(10, 28);
  let number = 1;
  const steps: Step[] = [{ after: 0, do: 'push', number }];
  while (steps.length < length) {
    const after = random.weighted([
      [2, 0],
      [3, random.between(1, 2_000)],
      [5, random.between(2_000, 15_000)],
    ]);
    const made = random.chance(0.55) ? people(random, number + 1) : misfortune(random);
    if (made.do === 'push') number += 1;
    steps.push({ after, ...made });
  }
  return steps;
}

function people(random: Random, number: number): PeopleMove {
  const pick = random.between(0, 9);
  return random.weighted<PeopleMove>([
    [5, { do: 'push', number, ...(random.chance(0.15) ? { bad: random.pick(['build', 'verify']) } : {}) }],
    [9, { do: 'approve', pick }],
    [
      3,
      { do: random.pick(['reject', 'cancel', 'retire', 'retry', 'cancel release', 'retry release']), pick },
    ],
    [
      3,
      {
        do: 'roll back',
        environment: random.chance(0.8) ? 'production' : 'dev',
        ...(random.chance(0.5) ? { version: random.between(1, 3) } : {}),
      },
    ],
  ]);
}

function misfortune(random: Random): Misfortune {
  const pick = random.between(0, 9);
  const ms = random.between(500, 25_000);
  const times = random.between(1, 2);
  return random.weighted<Misfortune>([
    [10, { do: 'trouble', trouble: troubleOf(random) }],
    [2, { do: random.pick(['kill a worker', 'freeze a worker', 'cut a worker off']), pick, ms }],
    [2, { do: random.pick(['kill the bot', 'freeze the bot']), ms }],
    [1, { do: 'empty the queue' }],
    [1, { do: 'queue away', ms }],
    [1, { do: 'lose an instance', pick }],
    [2, { do: random.pick(['starts hang', 'starts stay sick', 'endings hang']), times }],
    [1, { do: 'lists lag', ms: random.between(500, 5_000) }],
    [1, { do: 'throttle', nth: random.between(3, 8) }],
  ]);
}

const troubleOf = (random: Random): Trouble => ({
  call: random.chance(0.85) ? random.pick(changes) : random.pick(['look', 'list', 'members']),
  nth: random.between(1, 3),
  how: random.pick(mishaps),
  ms: random.between(1_000, 20_000),
});

/** A step as a person would tell it. */
export function tellStep(step: Step): string {
  const { after, do: what, ...rest } = step;
  const details = Object.entries('trouble' in rest ? rest.trouble : rest).map(
    ([name, value]) => `${name} ${value}`,
  );
  return `+${(after / 1000).toFixed(1)} s  ${what}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}
