import type { HomeView, KnownBlock } from '@slack/types';
import { type Actor, actorKey } from '../../pipeline/domain/actor.ts';
import { notCounted } from '../../pipeline/domain/consent.ts';
import { type Deployment, isDeploymentOver } from '../../pipeline/domain/deployment.ts';
import { type Asking, isKnownToHold } from '../../pipeline/domain/rights.ts';
import type { GroupView, HistoryView, ServiceView } from '../../pipeline/views.ts';
import { context, header, section } from './blocks.ts';
import type { Button } from './button.ts';
import { deploymentButtons, releaseButtons, unlockButton, waitsForApproval } from './buttons.ts';
import { buttonRow } from './card-parts.ts';
import { elapsed, oneLine, when } from './format.ts';
import { asHome } from './forms.ts';
import { asksYou, lineOfGroup } from './home-groups.ts';
import { deploymentWords, releaseWords } from './words.ts';

/** All that App Home is drawn from; the same for everybody. */
export interface Snapshot {
  services: ServiceView[];
  /** The last deployments of each, newest first. */
  recent: HistoryView[];
  /** Releases of groups that are under way. */
  groups?: GroupView[];
  now: number;
}

/** How many of each kind are listed. */
const most = 10;
/** How many services are listed with what is live. */
const mostServices = 25;

interface Line {
  text: string;
  buttons: Button[];
}

/** What one person, with what is known of his groups, finds in App Home: what waits for him first, then what is his, then everything else. */
export function home(snapshot: Snapshot, person: Asking): HomeView {
  const { services, groups = [], now } = snapshot;
  return asHome([
    header('Waiting for you'),
    ...list(
      [
        ...groups.filter((view) => asksYou(view, person)).map(lineOfGroup),
        ...services.flatMap((view) => waitingFor(view, person)),
      ],
      'Nothing waits for you.',
    ),
    header('Your releases'),
    ...list(
      services.flatMap((view) => ownOf(view, person)),
      'Nothing of yours is under way.',
    ),
    header('Running now'),
    ...list(
      [
        ...groups.filter((view) => !asksYou(view, person)).map(lineOfGroup),
        ...services.flatMap((view) => running(view, person)),
      ],
      'Nothing else is under way.',
    ),
    header('Your locks'),
    ...list(
      services.flatMap((view) => locksOf(view, person)),
      'You hold no locks.',
    ),
    header('Live'),
    ...liveParts(services),
    header('Recent'),
    ...list(recentLines(snapshot, person), 'Nothing was deployed yet.'),
    context(`As of ${when(now)}. It is shown anew when something changes.`),
  ]);
}

function list(lines: Line[], none: string): KnownBlock[] {
  if (lines.length === 0) return [section(`_${none}_`)];
  const shown = lines.slice(0, most).flatMap(({ text, buttons }): KnownBlock[] => {
    const row = buttonRow(buttons);
    return row === undefined ? [section(text)] : [section(text), row];
  });
  return lines.length > most
    ? [...shown, context(`… and ${lines.length - most} more: see \`/bake status\``)]
    : shown;
}

/** What a yes to it is shown with. */
const testedIn = ({ suites = {} }: ServiceView, { version }: Deployment) => ({
  suites: suites[version] ?? [],
});

/** What this person keeps new releases out of. */
const locksOf = ({ policy, slots, texts }: ServiceView, person: Asking): Line[] =>
  policy.environments.flatMap(({ name }): Line[] => {
    const lock = slots[name]?.lock;
    if (lock === undefined || actorKey(lock.by) !== actorKey(person.by)) return [];
    const where = `🔒 *${oneLine(policy.service, 60)}* in *${oneLine(name, 40)}*`;
    const reason = oneLine(texts[lock.reason] ?? '[erased]', 200);
    return [
      {
        text: `${where} until ${when(lock.until)}: ${reason}`,
        buttons: [unlockButton(policy.service, name)],
      },
    ];
  });

/** What this person could move now. */
function waitingFor(view: ServiceView, person: Asking): Line[] {
  return view.open.deployments
    .filter((one) => isYours(one, view, person))
    .map((one) => ({
      text: `${lineOf(one, view)}, for ${elapsed(view.now - (one.wait?.since ?? one.requestedAt))}`,
      buttons: deploymentButtons(one, view.slots[one.environment], testedIn(view, one)),
    }));
}

function isYours(
  one: Deployment,
  { policy, askedBy = {}, wroteIt = {} }: ServiceView,
  person: Asking,
): boolean {
  if (waitsForApproval(one)) {
    const wrote = !one.plan.selfApproval && wroteIt[one.version]?.includes(actorKey(person.by)) === true;
    const counts = !wrote && notCounted(one, askedBy[one.version], person.by, undefined) === undefined;
    const done = one.approvals.some(({ by }) => actorKey(by) === actorKey(person.by));
    return counts && !done && isKnownToHold(person, 'approve', policy, one.environment);
  }
  return one.wait?.for === 'retire' && isKnownToHold(person, 'retire', policy, one.environment);
}

const isOwn = (one: { requestedBy: Actor }, person: Asking): boolean =>
  actorKey(one.requestedBy) === actorKey(person.by);

const ownOf = (view: ServiceView, person: Asking): Line[] => under(view, person, (one) => isOwn(one, person));

/** What is under way and neither waits for this person nor is his. */
const running = (view: ServiceView, person: Asking): Line[] =>
  under(view, person, (one) => !isOwn(one, person));

/** Each thing stands in one place: what waits for this person was listed before. */
function under(view: ServiceView, person: Asking, wanted: (one: { requestedBy: Actor }) => boolean): Line[] {
  const name = oneLine(view.policy.service, 60);
  const releases = view.open.releases.filter(wanted).map((release): Line => {
    const { sign, words } = releaseWords(release);
    const age = elapsed(view.now - release.requestedAt);
    return {
      text: `${sign} *${name} v${release.version}* ${oneLine(words, 120)}, for ${age}`,
      buttons: releaseButtons(release),
    };
  });
  const deployments = view.open.deployments
    .filter((one) => wanted(one) && !isYours(one, view, person))
    .map(
      (one): Line => ({
        text: `${lineOf(one, view)}, for ${elapsed(view.now - one.requestedAt)}`,
        buttons: deploymentButtons(one, view.slots[one.environment], testedIn(view, one)),
      }),
    );
  return [...releases, ...deployments];
}

function lineOf(one: Deployment, view: ServiceView): string {
  const { sign, words } = deploymentWords(one, view.slots[one.environment]);
  return `${sign} *${oneLine(one.service, 60)} v${one.version}* ${oneLine(words, 120)}`;
}

/** One line per service: what is live in each of its environments, and for how long. */
function liveParts(services: ServiceView[]): KnownBlock[] {
  if (services.length === 0) return [section('_No services are configured yet._')];
  const hidden = services.length - mostServices;
  const shown = services.slice(0, mostServices).map((view) => {
    const places = view.policy.environments.map(({ name }) => {
      const live = view.slots[name]?.live;
      const what = live === undefined ? 'nothing' : `v${live.version} for ${elapsed(view.now - live.since)}`;
      return `${oneLine(name, 40)}: ${what}`;
    });
    return section(`*${oneLine(view.policy.service, 60)}* · ${places.join(' · ')}`);
  });
  return hidden > 0
    ? [...shown, context(`… and ${hidden} more services: see \`/bake status\` with the name of one`)]
    : shown;
}

function recentLines({ services, recent, now }: Snapshot, person: Asking): Line[] {
  const views = new Map(services.map((view) => [view.policy.service, view]));
  return recent
    .flatMap(({ deployments }) => deployments)
    .filter(isDeploymentOver)
    .toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
    .slice(0, most)
    .flatMap((one): Line[] => {
      const view = views.get(one.service);
      if (view === undefined) return [];
      const may = isKnownToHold(person, 'rollback', view.policy, one.environment);
      const back = deploymentButtons(one, view.slots[one.environment]).filter(({ id }) => id === 'roll-back');
      return [
        {
          text: `${lineOf(one, view)}, ${elapsed(now - (one.endedAt ?? now))} ago`,
          buttons: may ? back : [],
        },
      ];
    });
}
