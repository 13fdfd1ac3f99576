import { createHash } from 'node:crypto';
import { activeRung } from '../pipeline/domain/group.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Verified } from '../pipeline/domain/verified.ts';
import type { Pipeline, Queries } from '../pipeline/pipeline.ts';
import type { GroupView } from '../pipeline/views.ts';
import { groupWithAuthors, serviceWithAuthors } from './authors.ts';
import type { Log } from './log.ts';
import type { Membership } from './membership.ts';
import { createEditBudget } from './messenger/budget.ts';
import type { Person } from './people.ts';
import type { SlackClients } from './slack-clients.ts';
import { troubleOf } from './slack-error.ts';
import { home, type Snapshot } from './views/home.ts';

export interface Home {
  /** Somebody opened it, or pressed a button on it: shown at once, and kept up to date from now on. */
  opened(person: Person): Promise<void>;
  stop(): void;
}

interface Parts {
  pipeline: Pipeline;
  clients: SlackClients;
  now: () => At;
  log: Log;
  /** Those of the user groups that these services name in which somebody is, as Slack said in the last five minutes. */
  groupsOf(person: Person, policies: readonly ServicePolicy[]): Promise<Verified['groups']>;
  /** Whose an e-mail address is. */
  mailbox: Membership['mailbox'];
  /** How long changes are collected before all who look are shown them, in milliseconds. */
  settle?: Millis;
}

/** Whoever has not opened it for so long is not shown changes any more; opening it again is enough. */
const forgotten: Millis = 8 * 3_600_000;
const mostViewers = 200;

/** Of the hundred that Slack takes a minute, so that who opens it finds room whatever changes meanwhile. */
const publishes = { urgent: 90, progress: 60, perMinute: 60, burst: 60 };

/** Shows App Home to those who opened it, and again when something changed, within what Slack takes a minute. */
export function createHome({ pipeline, clients, now, log, groupsOf, mailbox, settle = 2_000 }: Parts): Home {
  const viewers = new Map<string, { person: Person; seenAt: At; hash?: string }>();
  const budget = createEditBudget(publishes);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  /** `waits`: this person looks at an empty page, or at what he just pressed. */
  async function publish(key: string, snapshot: Snapshot, waits = false): Promise<void> {
    const viewer = viewers.get(key);
    if (viewer === undefined) return;
    // A clock that went on is no change.
    const groups = await groupsOf(
      viewer.person,
      snapshot.services.map(({ policy }) => policy),
    );
    const asking = { by: viewer.person, ...(groups === undefined ? {} : { verified: { groups } }) };
    const hash = hashOf(home(timeless(snapshot), asking));
    if (hash === viewer.hash) return;
    if (!budget.take(now(), waits)) return later(10_000);
    try {
      await (waits ? clients.interactive : clients.progress).views.publish({
        user_id: viewer.person.user,
        view: home(snapshot, asking),
      });
      viewer.hash = hash;
    } catch (error) {
      log.warn({ trouble: troubleOf(error), user: viewer.person.user }, 'app home could not be shown');
      const trouble = troubleOf(error);
      if (trouble.is === 'rate limited') later(trouble.wait);
    }
  }

  async function all(): Promise<void> {
    for (const [key, { seenAt }] of viewers) if (seenAt + forgotten < now()) viewers.delete(key);
    if (viewers.size === 0) return;
    const snapshot = await snapshotOf(pipeline, mailbox, now());
    for (const key of viewers.keys()) await publish(key, snapshot);
  }

  function later(wait: Millis): void {
    if (stopped || timer !== undefined || viewers.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      all().catch((error: unknown) => log.error({ err: error }, 'app home could not be drawn'));
    }, wait);
    timer.unref();
  }

  const unsubscribe = pipeline.subscribe(() => later(settle));
  return {
    async opened(person) {
      const key = `${person.team}/${person.user}`;
      if (viewers.size >= mostViewers && !viewers.has(key)) {
        const [oldest] = [...viewers].toSorted(([, a], [, b]) => a.seenAt - b.seenAt);
        if (oldest !== undefined) viewers.delete(oldest[0]);
      }
      viewers.set(key, { person, seenAt: now() });
      await publish(key, await snapshotOf(pipeline, mailbox, now()), true);
    },
    stop() {
      stopped = true;
      unsubscribe();
      clearTimeout(timer);
    },
  };
}

/** Everything that App Home shows, read once for all who look. */
async function snapshotOf({ query }: Pipeline, mailbox: Membership['mailbox'], now: At): Promise<Snapshot> {
  const names = query.services().slice(0, 100);
  const groups = await groupsUnderWay(query, mailbox);
  const [services, recent] = await Promise.all([
    Promise.all(names.map((name) => query.service(name))),
    Promise.all(names.map((name) => query.history(name, 3))),
  ]);
  const known = services.filter((view) => view !== undefined);
  const whole = await Promise.all(known.map((view) => serviceWithAuthors(view, mailbox)));
  return { services: whole, recent, ...(groups.length === 0 ? {} : { groups }), now };
}

/** Of each group the releases of which something may still come. */
async function groupsUnderWay(query: Queries, mailbox: Membership['mailbox']): Promise<GroupView[]> {
  const newest = await Promise.all(query.groups().map(({ group }) => query.groupHistory(group, 3)));
  const open = newest.flat().filter(({ release }) => activeRung(release) !== undefined);
  return Promise.all(open.map((view) => groupWithAuthors(view, mailbox)));
}

const timeless = ({ services, recent, groups }: Snapshot): Snapshot => ({
  services: services.map((view) => ({ ...view, now: 0 })),
  recent,
  ...(groups === undefined ? {} : { groups: groups.map((view) => ({ ...view, now: 0 })) }),
  now: 0,
});

const hashOf = (view: object): string => createHash('sha256').update(JSON.stringify(view)).digest('hex');
