import { type Actor, actorKey } from './actor.ts';
import type { Event, Happened } from './event.ts';
import { type Release, type ReleaseStage, releaseStages, type Standing } from './release.ts';
import type { StageRecord } from './stage-record.ts';
import { logOf } from './task.ts';
import type { At } from './time.ts';

const untouched = (): Record<ReleaseStage, StageRecord> => ({
  build: { state: 'waiting' },
  bake: { state: 'waiting' },
  candidate: { state: 'waiting' },
  verify: { state: 'waiting' },
  promote: { state: 'waiting' },
});

function requested(event: Event & { type: 'ReleaseRequested' }, at: At): Release {
  return {
    service: event.service,
    version: event.version,
    commit: event.commit,
    requestedBy: event.by,
    requestedAt: at,
    ...(event.hotfix === undefined ? {} : { hotfix: event.hotfix }),
    ...(event.submitted === undefined ? {} : { submitted: event.submitted }),
    state: 'running',
    stage: 'build',
    stages: untouched(),
    generation: event.generation ?? 1,
    suites: [],
    done: [],
    standings: {},
    quarantined: {},
    logs: {},
  };
}

/** Folds one event of its service or of one of its slots into a release. */
export function evolveRelease(release: Release | undefined, { event, at }: Happened): Release | undefined {
  if (event.type === 'ReleaseRequested') return requested(event, at);
  if (release === undefined) return undefined;
  const { service, version } = release;
  switch (event.type) {
    case 'ReleaseStageBegan':
      return {
        ...stamp(release, event.stage, { state: 'running', beganAt: at }),
        stage: event.stage,
        logs: {
          ...release.logs,
          [event.stage]: logOf({ kind: 'release', service, version }, event.stage, event.generation),
        },
      };
    case 'PackageBuilt':
      return {
        ...release,
        package: event.package,
        file: event.file,
        ...(event.tests === undefined ? {} : { tests: event.tests, suites: [event.tests] }),
      };
    case 'ImageBaked': {
      const { imageRemovedAt: _gone, ...rest } = release;
      return { ...rest, image: event.image };
    }
    case 'ImagePublished':
      return release.image === undefined
        ? release
        : { ...release, image: { ...release.image, copies: event.copies } };
    case 'CandidateMigrated':
      return { ...release, candidateMigrated: true };
    case 'CandidateLaunched':
      return { ...release, candidate: event.instance };
    case 'SuitesRun':
      return {
        ...release,
        suites: [...(release.tests === undefined ? [] : [release.tests]), ...event.suites],
      };
    case 'ReleaseStagePassed':
      return stamp(release, event.stage, {
        ...release.stages[event.stage],
        state: event.skipped ? 'skipped' : 'passed',
        endedAt: at,
      });
    case 'ReleasePromoted':
      return { ...withoutCandidate(release), state: 'production ready', endedAt: at };
    case 'ReleaseRetried':
      return retried(release, event);
    default:
      return evolveEnding(release, { event, at });
  }
}

function evolveEnding(release: Release, { event, at }: Happened): Release {
  switch (event.type) {
    case 'ReleaseStageFailed':
      return {
        ...stamp(release, release.stage, { ...release.stages[release.stage], state: 'failed', endedAt: at }),
        state: 'stopping',
        endsAs: 'failed',
        failure: event.failure,
      };
    case 'ReleaseCancelRequested':
      return {
        ...stopped(release, at),
        state: 'stopping',
        endsAs: 'cancelled',
        cancelledBy: event.by,
        ...(event.reason === undefined ? {} : { cancelReason: event.reason }),
      };
    case 'ReleaseOvertaken':
      return release.state === 'running'
        ? { ...stopped(release, at), state: 'stopping', endsAs: 'superseded', supersededBy: event.newer }
        : { ...release, supersededBy: event.newer };
    case 'ReleaseUndoBegan':
      return { ...release, state: 'undoing' };
    case 'ReleaseStepDone':
      return { ...release, done: [...release.done, event.effect] };
    case 'ReleaseEnded':
      return { ...withoutCandidate(release), state: event.as, endedAt: at };
    default:
      return evolveStanding(evolveImage(release, { event, at }), { event, at });
  }
}

/** What retention and people do to its image. */
function evolveImage(release: Release, { event, at }: Happened): Release {
  switch (event.type) {
    case 'ReleaseJoinedGroup':
      return { ...release, goesWith: event.goesWith, ...askedForBy(release, event.by) };
    case 'ReleaseGroupEnded':
      return release.goesWith === undefined
        ? release
        : { ...release, goesWith: { ...release.goesWith, over: true } };
    case 'ImageKept':
      return { ...release, kept: { by: event.by, at } };
    case 'ImageNotKept': {
      const { kept: _kept, ...rest } = release;
      return rest;
    }
    case 'ImageRemoved':
      return { ...release, imageRemovedAt: at };
    default:
      return release;
  }
}

/** What slots do to a release: its standing in each of them. */
function evolveStanding(release: Release, { event, at }: Happened): Release {
  switch (event.type) {
    case 'DeploymentRequested':
      return release.standings[event.environment] === undefined
        ? standing(release, event.environment, 'pending', at)
        : release;
    case 'WentLive':
      return {
        ...standing(release, event.environment, 'live', at),
        ...(event.production && release.closedAt === undefined ? { closedAt: at } : {}),
      };
    case 'TrafficReturned':
      // One that had kept a part of it was live all the time.
      return release.standings[event.environment]?.standing === 'live'
        ? release
        : standing(release, event.environment, 'live', at);
    case 'ServingFound':
      return standing(release, event.environment, 'live', at);
    case 'LeftBehind':
      return standing(release, event.environment, event.rolledBack ? 'rolled back' : 'previous', at);
    case 'OldRetired': {
      const was = release.standings[event.environment]?.standing;
      // What is live goes on in other instances: those that ended had its earlier settings, or were repaired.
      return was === 'rolled back' || was === 'live'
        ? release
        : standing(release, event.environment, 'retired', at);
    }
    case 'ReleaseQuarantined':
      return {
        ...release,
        quarantined: {
          ...release.quarantined,
          ...Object.fromEntries(
            event.environments.map((name) => [
              name,
              {
                since: at,
                deployment: event.deployment,
                ...(event.by === undefined ? {} : { by: event.by }),
                ...(event.reason === undefined ? {} : { reason: event.reason }),
              },
            ]),
          ),
        },
      };
    case 'QuarantineLifted': {
      const { [event.environment]: _lifted, ...kept } = release.quarantined;
      return { ...release, quarantined: kept };
    }
    default:
      return release;
  }
}

function retried(release: Release, event: Event & { type: 'ReleaseRetried' }): Release {
  const from = releaseStages.indexOf(event.stage);
  const { failure: _failure, endsAs: _endsAs, cancelledBy: _by, endedAt: _ended, ...more } = release;
  // What it was brought to may have been changed since by another release.
  const { candidateMigrated: _migrated, cancelReason: _reason, ...kept } = more;
  const stages = { ...release.stages };
  for (const stage of releaseStages.slice(from)) stages[stage] = { state: 'waiting' };
  const retriedBy = [...(release.retriedBy ?? []), event.by];
  return {
    ...kept,
    ...(event.by.kind === 'person' ? { retriedBy } : {}),
    state: 'running',
    stage: event.stage,
    stages,
    generation: event.generation,
    done: [],
    suites: event.stage === 'promote' ? release.suites : [],
  };
}

const stamp = (release: Release, stage: ReleaseStage, record: StageRecord): Release => ({
  ...release,
  stages: { ...release.stages, [stage]: record },
});

const stopped = (release: Release, at: At): Release =>
  stamp(release, release.stage, { ...release.stages[release.stage], state: 'cancelled', endedAt: at });

const standing = (release: Release, environment: string, as: Standing, at: At): Release => ({
  ...release,
  standings: { ...release.standings, [environment]: { standing: as, since: at } },
});

function withoutCandidate(release: Release): Release {
  const { candidate: _candidate, ...kept } = release;
  return kept;
}

/** Who wants it together with others asked for it too: his own yes to it counts no more than that of who asked first. */
function askedForBy(
  { requestedBy, retriedBy = [] }: Release,
  by: Actor | undefined,
): Pick<Release, 'retriedBy'> {
  if (by?.kind !== 'person') return {};
  const isKnown = [requestedBy, ...retriedBy].some((one) => actorKey(one) === actorKey(by));
  return isKnown ? {} : { retriedBy: [...retriedBy, by] };
}
