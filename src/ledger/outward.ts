import { eq } from 'drizzle-orm';
import { cardKey, cardOfDeployment } from '../pipeline/decide/announce.ts';
import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { Outward } from '../pipeline/domain/outward.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Posted } from '../pipeline/domain/workspace.ts';
import type { OutwardDesk, ReceiverView, ReleaseView, Telling } from '../pipeline/outward.ts';
import type { Db } from './db.ts';
import { messageOf } from './message-rows.ts';
import { readStatements } from './read-statements.ts';
import { tableRows } from './rows.ts';
import { outward } from './schema.ts';
import { walOf } from './wal.ts';

type Policies = (service: string) => ServicePolicy | undefined;

/** The outbox of what is told outside of Slack. */
export function sqliteOutward(db: Db, policies: Policies, now: () => At): OutwardDesk {
  const row = (key: string) => db.select().from(outward).where(eq(outward.key, key)).get();
  const set = (key: string, values: Partial<typeof outward.$inferInsert>) => {
    db.update(outward).set(values).where(eq(outward.key, key)).run();
  };
  return {
    due: async (limit) => {
      await walOf(db).settled();
      return readStatements(db).dueOutward.all({ now: now(), limit }).map(toTelling);
    },
    view: async (content) =>
      content.kind === 'notification'
        ? receiverView(db, policies(content.service), content)
        : viewOf(db, policies(content.service), content),
    knows: async (key, known) => set(key, { known }),
    told: async (key, revision) => {
      const due = (row(key)?.revision ?? 0) > revision;
      set(key, { toldRevision: revision, due, tries: 0, notBefore: now() });
    },
    postponed: async (key, wait, tries) => set(key, { tries, notBefore: now() + wait }),
    givenUp: async (key, why) => set(key, { givenUp: why, due: false }),
  };
}

const toTelling = ({
  key,
  content,
  revision,
  since,
  known,
  tries,
}: typeof outward.$inferSelect): Telling => ({
  key,
  content,
  revision,
  since,
  tries,
  ...(known === null ? {} : { known }),
});

type OfRelease = Exclude<Outward, { kind: 'notification' }>;
type OfReceiver = Extract<Outward, { kind: 'notification' }>;

function receiverView(
  db: Db,
  policy: ServicePolicy | undefined,
  { receiver: name, notification }: OfReceiver,
): ReceiverView | undefined {
  const receiver = policy?.notify?.find((one) => one.name === name);
  if (receiver === undefined) return undefined;
  const { service, version, deployment } = notification;
  const row = deployment === undefined ? undefined : tableRows(db).deployment(deployment);
  const card =
    row === undefined ? (version === undefined ? undefined : { release: version }) : cardOfDeployment(row);
  if (card === undefined) return { receiver, card: null };
  return { receiver, ...postedAt(db, cardKey(service, card)) };
}

/** Where a card stands, once it is posted. */
function postedAt(db: Db, key: string): { card?: Posted } {
  const message = messageOf(db, key);
  return message?.postedChannel == null || message.postedTs === null
    ? {}
    : {
        card: {
          channel: message.postedChannel,
          ts: message.postedTs,
          ...(message.team === null ? {} : { team: message.team }),
        },
      };
}

function viewOf(db: Db, policy: ServicePolicy | undefined, content: OfRelease): ReleaseView | undefined {
  if (policy === undefined) return undefined;
  const rows = tableRows(db);
  const { service } = content;
  const deployment = content.kind === 'stage' ? undefined : rows.deployment(content.deployment);
  const version = content.kind === 'stage' ? content.version : deployment?.version;
  const release = version === undefined ? undefined : rows.release(service, version);
  if (release === undefined) return undefined;
  const before = deployment?.old === undefined ? undefined : rows.release(service, deployment.old.version);
  const card = deployment === undefined ? { release: release.version } : cardOfDeployment(deployment);
  return {
    policy,
    release,
    isLive: deployment !== undefined && isLive(rows, deployment),
    ...(deployment === undefined ? {} : { deployment }),
    ...(before === undefined ? {} : { before }),
    ...postedAt(db, cardKey(service, card)),
  };
}

/** What was put back by a repair is still what the deployment before it brought. */
function isLive(
  rows: ReturnType<typeof tableRows>,
  { id, service, environment, version, wentLive }: Deployment,
): boolean {
  const live = rows.slot(service, environment)?.live;
  if (live === undefined || live.deployment === id) return live !== undefined;
  return wentLive && live.version === version && rows.deployment(live.deployment)?.kind === 'repair';
}
