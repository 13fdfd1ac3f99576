import type { Freeze } from '../../pipeline/domain/installation.ts';
import type { Lock } from '../../pipeline/domain/lock.ts';
import type { ServicePolicy } from '../../pipeline/domain/policy.ts';
import { stopInWords } from '../../pipeline/domain/reaper.ts';
import type { Slot } from '../../pipeline/domain/slot.ts';
import type { ServiceView } from '../../pipeline/views.ts';
import { oneLine, people, person, when } from './format.ts';
import { whoMay } from './who-may.ts';

type Texts = Record<string, string>;

/** `by @bob until 16:00: the reason`. A lock whose time is over is ended by the clock at its next look. */
export const lockWords = ({ by, until, reason }: Lock, texts: Texts): string =>
  `by ${person(by)} until ${when(until)}: ${oneLine(texts[reason] ?? '[erased]', 200)}`;

/** `by @bob until 16:00: the reason`, or the window of the configuration. */
export const freezeWords = ({ by, until, reason, name }: Freeze, texts: Texts): string => {
  const who =
    by === undefined ? `by the configuration (${oneLine(name ?? 'a window', 60)})` : `by ${person(by)}`;
  const why = reason === undefined ? '' : `: ${oneLine(texts[reason] ?? '[erased]', 200)}`;
  return `${who} until ${when(until)}${why}`;
};

/** Who ends a lock, and how. */
export const whoUnlocks = (service: string, environment: string, policy: ServicePolicy): string =>
  `its holder with \`/bake unlock ${oneLine(service, 60)}\`; \`/bake steal\` with a reason: ${people(whoMay('lock', policy, environment))}`;

/** Something of a service that no card shows, and that waits for a person or for a look at the clouds. */
export interface Stuck {
  name: string;
  waitsFor: string;
  since?: number;
  who: string;
  end: string;
}

/** Repairs that were given up, leftovers that nobody removes, a restore that is not over: what stands still without a card. */
export function stuck({ policy, slots, service }: ServiceView): Stuck[] {
  const name = oneLine(policy.service, 60);
  const repairs = policy.environments.flatMap((plan): Stuck[] => {
    const slot = slots[plan.name];
    if (!areRepairsStopped(slot)) return [];
    const where = oneLine(plan.name, 40);
    return [
      {
        name: `v${slot.live.version} in ${plan.name} is not repaired any more`,
        waitsFor: `somebody to look why its instances end in *${where}*, and to say \`/bake repair ${name} ${where}\``,
        since: slot.repairs.at,
        who: people(whoMay('bake', policy, plan.name)),
        end: `nothing is started again there by itself. A newer release or \`/rollback ${name}\` ends it as well.`,
      },
    ];
  });
  return [...restore(service.restoring), ...repairs, ...reaper(service.reaperStopped, name, policy)];
}

const restore = (restoring: number | undefined): Stuck[] =>
  restoring === undefined
    ? []
    : [
        {
          name: 'the ledger was restored',
          waitsFor: 'a look at what there is in the clouds; no command is taken before',
          who: 'nobody has to: it is tried again until the clouds answer',
          end: 'what serves is taken over as it is.',
        },
      ];

const reaper = (
  stopped: ServiceView['service']['reaperStopped'],
  name: string,
  policy: ServicePolicy,
): Stuck[] =>
  stopped === undefined
    ? []
    : [
        {
          name: 'leftovers are not removed',
          waitsFor: `somebody to look at what was found, and to say \`/bake reaper ${name} allow\`: ${stopInWords[stopped.because]}`,
          who: people(whoMay('retire', policy)),
          end: 'what belongs to nothing stays, and costs what it costs.',
        },
      ];

/** Whether what is live there is not replaced any more when it ends, until a person says so. */
export const areRepairsStopped = (
  slot: Slot | undefined,
): slot is Slot & Required<Pick<Slot, 'live' | 'repairs'>> =>
  slot?.live !== undefined && slot.repairs?.stopped === true;
