import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { tooOldForDatabase } from '../../pipeline/domain/migration.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import type { HistoryView, ServiceView } from '../../pipeline/views.ts';
import type { Candidate } from './choices.ts';
import { oneLine } from './format.ts';
import { standbyNow, standbyOf } from './standby.ts';

/** What each environment can go back to, newest version first. */
export function candidatesOf(view: ServiceView, history: HistoryView): Candidate[] {
  return history.releases
    .toSorted((a, b) => b.version - a.version)
    .flatMap((release) =>
      view.policy.environments.flatMap(({ name }): Candidate[] => {
        const slot = view.slots[name];
        const was = release.standings[name];
        if (slot?.live === undefined || was === undefined || was.standing === 'pending') return [];
        const below = release.version < slot.live.version;
        const leaving = release.version === slot.live.version && isBeingReplaced(view, name);
        if (!below && !leaving) return [];
        if (below && outOfReach(view, history, release, name) !== undefined) return [];
        const lived = livedIn(history.deployments, release.version, name, view.now);
        return [
          {
            version: release.version,
            environment: name,
            subject: history.texts[release.commit.subject] ?? '[erased]',
            author: history.texts[release.commit.author] ?? '[erased]',
            age: view.now - release.requestedAt,
            left: view.now - was.since,
            ...(lived === undefined ? {} : { lived }),
            warm: leaving || slot.beside?.version === release.version,
            quarantined: release.quarantined[name] !== undefined,
            ...readyOf(view, name, release.version),
          },
        ];
      }),
    );
}

/** Whether its image was looked at of late: only of the one that a rollback without a version brings back. */
function readyOf(view: ServiceView, environment: string, version: number): { ready?: string } {
  const ready = standbyNow(standbyOf(view.standbys, environment, version), view.now);
  return ready === undefined ? {} : { ready };
}

/** While a cut-over moves, going back to what is still called live stops it. */
const isBeingReplaced = (view: ServiceView, environment: string): boolean =>
  view.open.deployments.some(
    (one) =>
      one.environment === environment && one.state === 'running' && one.epoch !== undefined && !one.wentLive,
  );

/** How long a version was live in an environment, all its times together, as far as these deployments tell. */
function livedIn(
  deployments: Deployment[],
  version: number,
  environment: string,
  now: number,
): Millis | undefined {
  const turns = deployments
    .filter((one) => one.environment === environment && one.wentLive)
    .flatMap((one) => {
      const began = one.stages['cut-over'].endedAt;
      return began === undefined ? [] : [{ version: one.version, began }];
    })
    .toSorted((a, b) => a.began - b.began);
  const own = turns.flatMap((turn, index) =>
    turn.version === version ? [(turns[index + 1]?.began ?? now) - turn.began] : [],
  );
  return own.length === 0 ? undefined : own.reduce((sum, time) => sum + time, 0);
}

/** The newest releases that cannot be gone back to somewhere, each with the reason; with `only` in that environment. */
export function cannotGoBackTo(
  view: ServiceView,
  history: HistoryView,
  candidates: Candidate[],
  only?: string,
  most = 8,
): { version: number; why: string }[] {
  const places = view.policy.environments.filter(({ name }) => only === undefined || name === only);
  return history.releases
    .toSorted((a, b) => b.version - a.version)
    .flatMap((release): { version: number; why: string }[] => {
      const { version } = release;
      const can = candidates.filter((one) => one.version === version).map(({ environment }) => environment);
      const out = places.filter(({ name }) => !can.includes(name));
      const whys = [
        ...liveIn(view, version, out),
        ...out.flatMap(({ name }) => reason(view, history, release, name) ?? []),
      ];
      if (whys.length > 0) return [{ version, why: [...new Set(whys)].join('; ') }];
      return out.length < places.length ? [] : [{ version, why: neverLive(release, only) }];
    })
    .slice(0, most);
}

/** Why what was live once cannot be gone back to there; undefined when it can. */
export function outOfReach(
  view: ServiceView,
  { revoked = [] }: Pick<HistoryView, 'revoked'>,
  { version, imageRemovedAt, quarantined }: Release,
  environment: string,
): string | undefined {
  if (revoked.includes(version)) return 'was revoked';
  if (imageRemovedAt !== undefined) return 'its image was removed: too old, and not pinned';
  const tooOld = tooOldForDatabase(view.slots[environment]?.floor, version, environment);
  if (tooOld !== undefined) return `does not work with its database any more: ${oneLine(tooOld, 200)}`;
  if (quarantined[environment] === undefined) return undefined;
  const line = `/rollback ${oneLine(view.policy.service, 60)} v${version} ${oneLine(environment, 40)} "reason"`;
  return `was rolled back from ${oneLine(environment, 40)} itself; who may override says \`${line}\``;
}

function liveIn(view: ServiceView, version: number, places: readonly { name: string }[]): string[] {
  const live = places.filter(({ name }) => view.slots[name]?.live?.version === version);
  return live.length === 0 ? [] : [`is live in ${live.map(({ name }) => oneLine(name, 40)).join(', ')}`];
}

/** Why what was live in an environment cannot be gone back to there; undefined for what never was, and for what is. */
function reason(
  view: ServiceView,
  history: HistoryView,
  release: Release,
  environment: string,
): string | undefined {
  const where = oneLine(environment, 40);
  const was = release.standings[environment]?.standing;
  if (was === undefined || was === 'pending') return undefined;
  if (view.slots[environment]?.live?.version === release.version) return undefined;
  return (
    outOfReach(view, history, release, environment) ??
    `is newer than what is live in ${where}: \`/bake deploy\` goes forward`
  );
}

const neverLive = ({ state }: Release, only: string | undefined): string =>
  state === 'production ready'
    ? `was never live ${only === undefined ? 'anywhere' : `in ${oneLine(only, 40)}`}`
    : `never got an environment: ${state}`;
