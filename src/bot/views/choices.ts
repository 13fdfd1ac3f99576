import type { KnownBlock } from '@slack/types';
import type { Millis } from '../../pipeline/domain/time.ts';
import { drawn, section } from './blocks.ts';
import { type Button, draw } from './button.ts';
import { buttonRow } from './card-parts.ts';
import type { Drawn } from './drawn.ts';
import { code, elapsed, oneLine } from './format.ts';
import { rollBackButton } from './go-back-button.ts';

/** A version that an environment can go back to. */
export interface Candidate {
  version: number;
  environment: string;
  subject: string;
  author: string;
  /** Since the release was asked for. */
  age: Millis;
  /** Since it was left. */
  left: Millis;
  /** How long it was live there. */
  lived?: Millis;
  /** It still runs beside what is live: going back takes seconds. */
  warm: boolean;
  quarantined: boolean;
  /** What the last look at it said, when there was one. */
  ready?: string;
}

/** The versions that can be gone back to, newest first, each with its button; then those that cannot, with the reason. */
export function rollbackChoices(
  service: string,
  live: string,
  candidates: Candidate[],
  cannot: { version: number; why: string }[] = [],
): Drawn {
  const name = oneLine(service, 60);
  const reasons = cannot.map(({ version, why }) => `v${version} ${why}`).join('\n');
  if (candidates.length === 0) {
    return drawn(`There is no earlier release of ${name} to go back to.`, [
      section(`There is no earlier release of *${name}* to go back to. ${live}`),
      reasons === '' ? undefined : section(`*Not these:*\n${reasons}`),
    ]);
  }
  return drawn(`${name}: choose the version to roll back to.`, [
    section(`*Roll back ${name}: to which version?*\n${live}`),
    ...candidates.slice(0, 12).map(
      (one): KnownBlock => ({
        ...section(
          `*v${one.version}* in *${oneLine(one.environment, 40)}* · ${oneLine(one.subject, 100)} · ${oneLine(one.author, 60)}\n${stateOf(one)}`,
        ),
        accessory: draw(plain(rollBackButton(service, one.version, one.environment, one.warm))),
      }),
    ),
    candidates.length > 12 ? section(`… and ${candidates.length - 12} more: name the version.`) : undefined,
    reasons === '' ? undefined : section(`*Not these:*\n${reasons}`),
  ]);
}

const stateOf = ({ warm, age, left, lived, quarantined, ready }: Candidate): string =>
  [
    warm ? '🔥 warm, it still runs: seconds' : '❄️ cold, it is started from its image: minutes',
    `released ${elapsed(age)} ago`,
    lived === undefined ? `left ${elapsed(left)} ago` : `was live for ${elapsed(lived)}`,
    ...(quarantined ? ['⚠️ was rolled back itself'] : []),
    ...(ready === undefined ? [] : [ready]),
  ].join(' · ');

/** Red is for a single dangerous button, not for a list of them. */
const plain = ({ style: _, ...button }: Button): Button => button;

/** The one confirm before a rollback whose environment was not named. */
export function rollbackConfirm(service: string, candidates: Candidate[]): Drawn {
  const [first] = candidates;
  const version = first?.version ?? 0;
  const name = oneLine(service, 60);
  const many = candidates.length > 1;
  const question = many
    ? `In which environment should *${name}* go back to *v${version}*?`
    : `*${name}* goes back to *v${version}* in *${oneLine(first?.environment ?? '', 40)}*. Press to go on.`;
  const row = buttonRow(candidates.map((one) => rollBackButton(service, version, one.environment, one.warm)));
  return drawn(question.replaceAll('*', ''), [section(question), ...oneRowEach(row)]);
}

/** Two buttons of the same id cannot share a block. */
function oneRowEach(row: ReturnType<typeof buttonRow>): KnownBlock[] {
  return (row?.elements ?? []).slice(0, 20).map((element) => ({ type: 'actions', elements: [element] }));
}

/** `/bake hello v2`, where v2 is a version and perhaps a tag too: two buttons. */
export function versionOrRef(service: string, version: number, ref: string): Drawn {
  const name = oneLine(service, 60);
  const question = `What does ${code(ref)} mean?`;
  const buttons: Button[] = [
    {
      id: 'bake-ref',
      label: `New release of the tag or branch ${ref}`,
      says: `Release ${ref} of ${service} as a new version`,
      value: { service, ref },
    },
    {
      id: 'choose-environment',
      label: `Deploy the existing v${version}`,
      says: `Deploy ${service} v${version}, which exists`,
      value: { service, version },
    },
  ];
  const row = buttonRow(buttons);
  return drawn(`${question} ${name} has a release v${version}.`, [
    section(
      `*${question}* ${name} has a release *v${version}* already, and ${code(ref)} may be a tag or a branch too.`,
    ),
    ...(row === undefined ? [] : [row]),
  ]);
}

/** Where an existing release should go: one button per environment, production never by default. */
export function environmentChoices(service: string, version: number, environments: string[]): Drawn {
  const name = `${oneLine(service, 60)} v${version}`;
  return drawn(`Where should ${name} go?`, [
    section(`*Where should ${name} go?*`),
    ...environments.slice(0, 20).map(
      (environment): KnownBlock => ({
        type: 'actions',
        elements: [
          draw({
            id: 'deploy',
            label: `Deploy to ${environment}`,
            says: `Deploy ${service} v${version} to ${environment}`,
            value: { service, version, environment },
            confirm: {
              title: `Deploy v${version} to ${environment}?`,
              text: `*${name}* goes to *${oneLine(environment, 40)}*, after an approval where one is needed.`,
              yes: 'Deploy it',
              no: 'Not now',
            },
          }),
        ],
      }),
    ),
  ]);
}

/** A question with one button per answer. */
export function buttonList(question: string, buttons: Button[]): Drawn {
  return drawn(question, [
    section(question),
    ...buttons.slice(0, 20).map((button): KnownBlock => ({ type: 'actions', elements: [draw(button)] })),
  ]);
}
