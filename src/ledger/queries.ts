import { askedToday } from '../pipeline/domain/asked-today.ts';
import { type Calendar, openCalendar } from '../pipeline/domain/calendar.ts';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import { newService } from '../pipeline/domain/evolve-service.ts';
import { frozenNow } from '../pipeline/domain/freeze.ts';
import type { GroupPolicy } from '../pipeline/domain/group.ts';
import type { Image } from '../pipeline/domain/image.ts';
import type { Freeze } from '../pipeline/domain/installation.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Release } from '../pipeline/domain/release.ts';
import { revocationOf } from '../pipeline/domain/revoked.ts';
import type { StageRecord } from '../pipeline/domain/stage-record.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Queries } from '../pipeline/pipeline.ts';
import type { WarnOfChecks } from '../pipeline/repositories.ts';
import type { Store } from '../pipeline/store.ts';
import type { DecisionFacts, ReleaseView, SlotView, TaskView } from '../pipeline/views.ts';
import type { ChangesBetween } from './changes.ts';
import type { Db } from './db.ts';
import { decisionFacts } from './decision.ts';
import { filesView } from './files-view.ts';
import { groupQueries } from './group-queries.ts';
import { imageList } from './image-list.ts';
import { liveAt, overridden } from './live-at.ts';
import { readStatements } from './read-statements.ts';
import { tableRows } from './rows.ts';
import { releases } from './schema.ts';
import { slotView } from './slot-views.ts';
import { standbyViews } from './standby-views.ts';
import { statements } from './statements.ts';
import { readTexts } from './texts.ts';
import { type LinkOfTrace, tracesOf, tracesOnCard } from './traces.ts';
import { withOwner } from './with-owner.ts';

interface Parts {
  db: Db;
  store: Store;
  policies: ReadonlyMap<string, ServicePolicy>;
  now(): At;
  /** What separates two releases; unset: nothing can be told of it. */
  changes?: ChangesBetween;
  /** What the configuration says of times; unset: nothing. */
  calendar?: (service: string) => Calendar;
  /** Warns of required checks that are not green; unset: nobody does. */
  checks?: WarnOfChecks;
  /** Services that are released together; unset: none. */
  groups?: ReadonlyMap<string, GroupPolicy>;
  /** Where the trace of a release or deployment can be read; unset: nowhere. */
  traceLink?: NonNullable<LinkOfTrace>;
}

/** How many past releases an expectation is the median of. */
const sample = 10;

/** What people ask of the ledger. Reads only. */
export function sqliteQueries(parts: Parts): Queries {
  const { db, store, policies, now, changes, checks, calendar, groups, traceLink } = parts;
  const rows = tableRows(db);
  const on = statements(db);
  const policyOf = (service: string): ServicePolicy | undefined => withOwner(policies.get(service), rows);
  const slotsOf = (service: string): Record<string, SlotView> =>
    Object.fromEntries(on.slotsOf.all({ service }).map(({ row }) => [row.environment, slotView(rows, row)]));
  const frozenIn = (policy: ServicePolicy): Record<string, Freeze> => {
    const times = { installation: rows.installation(), calendar: calendar?.(policy.service) ?? openCalendar };
    return frozenNow({ ...times, policy }, now());
  };
  const common = (
    service: string,
    policy: ServicePolicy,
    drawn: (Release | Deployment)[],
    subjects: string[],
  ) => ({
    policy,
    slots: slotsOf(service),
    tasks: subjects.flatMap((key) => tasksOf(db, key)),
    standbys: standbyViews(db, service),
    expected: expectedTimes(db, service),
    frozen: frozenIn(policy),
    ...tracesOnCard(policy, drawn, traceLink),
    texts: readTexts(db, [...drawn, ...locksIn(slotsOf(service)), frozenIn(policy)]),
    now: now(),
  });
  const decisionOf = async (deployment: Deployment): Promise<DecisionFacts | undefined> => {
    const policy = policyOf(deployment.service);
    if (policy === undefined || changes === undefined || deployment.wait?.for !== 'approval')
      return undefined;
    const slot = rows.slot(deployment.service, deployment.environment);
    const facts = await decisionFacts(db, policy, deployment, slot, changes, now());
    const sha = rows.release(deployment.service, deployment.version)?.commit.sha;
    const warning = sha === undefined ? undefined : await checks?.(policy, sha);
    return warning === undefined ? facts : { ...facts, warnings: [...facts.warnings, warning] };
  };
  const releaseView = async (service: string, version: number): Promise<ReleaseView | undefined> => {
    const release = rows.release(service, version);
    const policy = policyOf(service);
    if (release === undefined || policy === undefined) return undefined;
    const drawn = deploymentsOfRelease(db, service, version)
      .filter(({ ownCard }) => !ownCard)
      .map((one) => askedToday(one, policy));
    const subjects = [`release/${service}/${version}`, ...drawn.map(({ id }) => `deployment/${id}`)];
    const decisions: Record<string, DecisionFacts> = {};
    for (const one of drawn) {
      const facts = await decisionOf(one);
      if (facts !== undefined) decisions[one.id] = facts;
    }
    return {
      release,
      deployments: drawn,
      ...common(service, policy, [release, ...drawn], subjects),
      decisions,
    };
  };
  return {
    services: () => [...policies.keys()].sort(),
    policy: (service) => policyOf(service),
    liveAt: async (service, at) =>
      liveAt(
        db,
        service,
        (policyOf(service)?.environments ?? []).map(({ name }) => name),
        at,
      ),
    overrides: async (service, limit) => {
      const found = overridden(db, service, limit);
      return { deployments: found, texts: readTexts(db, found) };
    },
    files: () => filesView(db, rows.installation(), now()),
    installation: () => rows.installation(),
    bakedFrom: async (service, version) => imagesFrom(db, rows.release(service, version)?.image),
    service: async (service) => {
      const policy = policyOf(service);
      if (policy === undefined) return undefined;
      const head = rows.service(service) ?? newService(service);
      const slotRows = slotsOf(service);
      const open = {
        releases: head.open.flatMap((version) => rows.release(service, version) ?? []),
        deployments: Object.values(slotRows).flatMap((slot) =>
          slot.open.flatMap((id) => rows.deployment(id) ?? []).map((one) => askedToday(one, policy)),
        ),
      };
      const known = standbyViews(db, service);
      const suites = Object.fromEntries(
        open.deployments.map(({ version }) => [version, rows.release(service, version)?.suites ?? []]),
      );
      const askedBy = Object.fromEntries(
        open.deployments.flatMap(({ version }) => {
          const found = rows.release(service, version);
          return found === undefined ? [] : [[version, found]];
        }),
      );
      const asked = Object.values(askedBy).map(({ commit }) => commit);
      const frozen = frozenIn(policy);
      const held = [...locksIn(slotRows), frozen];
      const texts = readTexts(db, [...open.releases, ...open.deployments, ...asked, ...held]);
      const more = { suites, askedBy, standbys: known, frozen };
      return { policy, service: head, slots: slotRows, open, ...more, texts, now: now() };
    },
    release: async (service, version) => releaseView(service, version),
    ...groupQueries({ db, policyOf, frozenIn, now, groups: groups ?? new Map(), changes }),
    deployment: async (id) => {
      const found = rows.deployment(id);
      const release = found && rows.release(found.service, found.version);
      const policy = found && policyOf(found.service);
      if (found === undefined || release === undefined || policy === undefined) return undefined;
      const { service } = found;
      const deployment = askedToday(found, policy);
      const decision = await decisionOf(deployment);
      return {
        deployment,
        release,
        ...common(service, policy, [release, deployment], [`deployment/${id}`]),
        ...(decision === undefined ? {} : { decision }),
      };
    },
    images: async (service) => {
      const policy = policyOf(service);
      return policy === undefined ? undefined : imageList(db, policy, now());
    },
    versions: async (service) => on.versions.all({ service }).map(({ version }) => version),
    history: async (service, limit) => {
      const newest = newestReleases(db, service, limit);
      const recent = recentDeployments(db, service, limit * 3);
      return {
        releases: newest,
        deployments: recent,
        revoked: newest
          .filter(
            ({ image }) => image !== undefined && revocationOf(image, rows.installation()) !== undefined,
          )
          .map(({ version }) => version),
        texts: readTexts(db, [...newest, ...recent]),
        now: now(),
      };
    },
    changes: async (service, from, to) => {
      const [before, after] = [rows.release(service, from), rows.release(service, to)];
      const policy = policyOf(service);
      return before === undefined || after === undefined || policy === undefined
        ? undefined
        : (changes?.(policy, before, after) ?? { from, to });
    },
    traces: async (service, version) =>
      traceLink && tracesOf({ service, version }, deploymentsOfRelease(db, service, version), traceLink),
    log: async (service, version, stage) => {
      const release = rows.release(service, version);
      if (release === undefined) return undefined;
      const wanted = stage ?? release.failure?.stage ?? release.stage;
      const log = Object.entries(release.logs).find(([name]) => name === wanted)?.[1];
      if (log === undefined) return undefined;
      const text = await store.readLog(log, 100_000);
      return { stage: wanted, lines: text.split('\n').filter((line) => line !== '') };
    },
  };
}

/** Their reasons are shown beside what they keep out. */
const locksIn = (slots: Record<string, SlotView>) => Object.values(slots).flatMap(({ lock }) => lock ?? []);

type Named = Pick<Image, 'id' | 'digest'>;

/** Images whose base names one of these, over as many steps as there are. */
function imagesFrom(db: Db, image: Image | undefined): Named[] {
  if (image === undefined) return [];
  const baked = db
    .select({ row: releases.row })
    .from(releases)
    .all()
    .flatMap(({ row }) => {
      const base = row.file?.recipe.base ?? '';
      return row.image === undefined || base === '' ? [] : [{ base, image: row.image }];
    });
  const found: Named[] = [];
  for (let parents: Named[] = [image]; parents.length > 0; ) {
    const children = baked
      .filter(({ base }) => parents.some(({ id, digest }) => base === id || base.includes(digest)))
      .map((one) => one.image)
      .filter(({ digest }) => digest !== image.digest && !found.some((known) => known.digest === digest));
    found.push(...children.map(({ id, digest }) => ({ id, digest })));
    parents = children;
  }
  return found;
}

const newestReleases = (db: Db, service: string, limit: number): Release[] =>
  statements(db)
    .newestReleases.all({ service, limit })
    .map(({ row }) => row);

const recentDeployments = (db: Db, service: string, limit: number): Deployment[] =>
  readStatements(db)
    .recentDeployments.all({ service, limit })
    .map(({ row }) => row);

const deploymentsOfRelease = (db: Db, service: string, version: number): Deployment[] =>
  readStatements(db)
    .deploymentsOfRelease.all({ service, version })
    .map(({ row }) => row);

const tasksOf = (db: Db, subjectKey: string): TaskView[] =>
  readStatements(db)
    .wantedTasks.all({ subjectKey })
    .map(({ note, ...rest }) => ({ ...rest, ...(note === null ? {} : { note }) }));

function expectedTimes(db: Db, service: string): Record<string, Millis> {
  const times = new Map<string, Millis[]>();
  for (const release of newestReleases(db, service, sample)) {
    for (const [stage, record] of Object.entries(release.stages)) collect(times, stage, record);
  }
  for (const { environment, stages } of recentDeployments(db, service, 3 * sample)) {
    for (const [stage, record] of Object.entries(stages)) collect(times, `${environment}/${stage}`, record);
  }
  return Object.fromEntries([...times].map(([stage, all]) => [stage, median(all)]));
}

function collect(
  times: Map<string, Millis[]>,
  stage: string,
  { state, beganAt, endedAt }: StageRecord,
): void {
  if (state !== 'passed' || beganAt === undefined || endedAt === undefined) return;
  times.set(stage, [...(times.get(stage) ?? []), endedAt - beganAt]);
}

function median(values: Millis[]): Millis {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
