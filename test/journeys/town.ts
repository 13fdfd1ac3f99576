import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type RunningBot, startBot } from '../../src/bot/app.ts';
import type { Log } from '../../src/bot/log.ts';
import { changesBetween } from '../../src/ledger/changes.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import type { Check } from '../../src/pipeline/domain/checks.ts';
import type { GroupPolicy } from '../../src/pipeline/domain/group.ts';
import type { EnvironmentPolicy, ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import { frontDoor } from '../../src/pipeline/front-door.ts';
import { ProviderError } from '../../src/pipeline/provider.ts';
import {
  type SlackSimulator,
  type SlackSimulatorOptions,
  startSlackSimulator,
} from '../../src/slack-simulator/index.ts';
import { CoreWorld } from '../support/core-world.ts';
import { freePort } from '../support/free-port.ts';
import { environment, policy } from '../support/policies.ts';

export type Mode = 'http' | 'socket';

const manifest = JSON.parse(
  readFileSync(new URL('../../deploy/slack-manifest.json', import.meta.url), 'utf8'),
);
const team = 'T0BAKERY01';
export const people = {
  ann: 'U0ANN00001',
  bob: 'U0BOB00001',
  cyd: 'U0CYD00001',
  eve: 'U0EVE00001',
  gus: 'U0GUS00001',
} as const;
export type Name = keyof typeof people;
const key = (name: Name): string => `${team}/${people[name]}`;

export const production: Partial<EnvironmentPolicy> = {
  promotion: 'approval',
  approvals: 1,
  selfApproval: false,
  steps: [50, 100],
  pause: 50,
  soak: 50,
  retireAfter: 3_600_000,
  approveWithin: 3_600_000,
  production: true,
};

/**
 * `hello` as most services are, `hasty`, whose approvals run out at once, `picky`, which asks what gives way, and
 * `guarded`, which requires a check.
 */
const services: ServicePolicy[] = [
  policy({
    channel: 'C0HELLO001',
    people: {
      bake: [key('ann'), key('bob'), key('cyd')],
      approve: [key('bob'), key('cyd')],
      rollback: [key('ann'), key('bob')],
      retire: [key('ann'), key('bob')],
      lock: [key('ann'), key('bob')],
      override: [key('bob')],
      trace: [key('bob')],
    },
    environments: [environment('dev', 4001), environment('production', 4003, production)],
  }),
  policy({
    service: 'hasty',
    channel: 'C0HASTY001',
    people: { bake: ['*'], approve: [key('bob')], rollback: ['*'], retire: ['*'], trace: ['*'] },
    environments: [
      environment('staging', 4101),
      environment('production', 4103, { ...production, approveWithin: 400 }),
    ],
  }),
  policy({
    service: 'picky',
    channel: 'C0PICKY001',
    people: { bake: [key('ann')], approve: [key('bob')], rollback: ['*'], retire: [key('ann')] },
    environments: [environment('production', 4203, { ...production, whenNewer: 'ask', retireAfter: 50 })],
  }),
  policy({
    service: 'guarded',
    channel: 'C0GUARD001',
    people: { bake: [key('ann')], approve: [key('bob')], rollback: ['*'], retire: [key('ann')] },
    checks: { forge: 'github', api: 'https://forge.example', project: 'acme/guarded', required: ['lint'] },
    environments: [environment('production', 4303, production)],
  }),
];

/** `till` and `desk` go to production together, as `shop`. */
const shopPolicies = ['till', 'desk'].map((service, index) =>
  policy({
    service,
    channel: 'C0PICKY001',
    repository: 'https://git.example.test/shop.git',
    people: {
      bake: [key('ann')],
      approve: index === 0 ? [key('bob')] : [key('bob'), key('cyd')],
      rollback: [key('bob')],
      retire: [key('bob')],
      lock: [key('ann')],
    },
    environments: [
      environment('dev', 4401 + 10 * index),
      environment('production', 4403 + 10 * index, {
        ...production,
        // Two have to agree to the desk.
        approvals: index + 1,
      }),
    ],
  }),
);
const groups = new Map<string, GroupPolicy>([
  [
    'shop',
    {
      ...{ group: 'shop', services: ['till', 'desk'], environments: ['production'], soak: 0 },
      ...{ channel: 'C0SHOP0001', repository: 'https://git.example.test/shop.git', branch: 'main' },
    },
  ],
]);

export interface Town {
  slack: SlackSimulator;
  /** What the forge says of the checks of every commit. */
  checks: Check[];
  bot: RunningBot;
  world: CoreWorld;
  as(name: Name): ReturnType<SlackSimulator['as']>;
  close(): Promise<void>;
}

/** The real core, ledger and bot against the simulated Slack; only the clouds are small and in memory. */
export async function openTown(mode: Mode, over: Partial<SlackSimulatorOptions> = {}): Promise<Town> {
  const port = await freePort();
  const secrets = { signingSecret: 'secret', botToken: 'xoxb-1', appToken: 'xapp-1' };
  const slack = await startSlackSimulator({
    ...secrets,
    people: [
      { id: people.ann, name: 'ann', realName: 'Ann Baker', email: 'ann@example.test' },
      { id: people.bob, name: 'bob', realName: 'Bob Miller' },
      { id: people.cyd, name: 'cyd', realName: 'Cyd Cook' },
      { id: people.eve, name: 'eve', realName: 'Eve Onlooker' },
      { id: people.gus, name: 'gus', isGuest: true },
    ],
    channels: [
      { id: 'C0HELLO001', name: 'hello' },
      { id: 'C0HASTY001', name: 'hasty' },
      { id: 'C0PICKY001', name: 'picky' },
      { id: 'C0GUARD001', name: 'guarded' },
      { id: 'C0SHOP0001', name: 'shop' },
      { id: 'C0DEPLOYS1', name: 'deploys' },
    ],
    rateLimits: true,
    // No more than an installation grants.
    scopes: manifest.oauth_config.scopes.bot,
    delivery:
      mode === 'http' ? { kind: 'http', url: `http://127.0.0.1:${port}/slack/events` } : { kind: 'socket' },
    ...over,
  });
  const checks: Check[] = [];
  const { world, pipeline, stop } = openCore([...services, ...shopPolicies], checks);
  const bot = await startBot({
    pipeline,
    log: quiet,
    now: Date.now,
    workspaces: [{ ...secrets, mode, port, apiUrl: `${slack.url}/api/`, defaultChannel: 'C0DEPLOYS1' }],
    firstTime: (id) => world.ledger.firstTime('slack', id, Date.now()),
  });
  return {
    slack,
    checks,
    bot,
    world,
    as: (name) => slack.as(people[name]),
    async close() {
      stop();
      await bot.stop();
      await slack.close();
    },
  };
}

export const quiet: Log = { debug() {}, info() {}, warn() {}, error: (fields) => console.error(fields) };

export function openCore(services: readonly ServicePolicy[], checks: readonly Check[] = []) {
  const policies = new Map(services.map((one) => [one.service, one]));
  const world = new CoreWorld(services[0]);
  // What is ordered before the first round must not be overdue at it.
  world.now = Date.now();
  Object.assign(world.parts, { policies, groups });
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    world.now = Date.now();
    while (await world.round()) tell();
    tell();
    busy = false;
  }, 25);
  const changes = changesBetween({
    store: { get: async () => Readable.from(['{"packages":[{"name":"node","version":"20"}]}']) },
    commits: {
      between: async ({ to }) => ({ total: 1, lines: [{ sha: to, subject: 'A change', author: 'Ada' }] }),
    },
    now: Date.now,
  });
  const query = sqliteQueries({
    db: world.file.db,
    // Only logs are read through it, and this cloud writes none.
    store: { readLog: async () => 'line one\nline two\n' } as never,
    policies,
    now: Date.now,
    changes,
    groups,
    traceLink: (name) => `https://traces.example.test/${name}`,
  });
  const outbox = sqliteOutbox(world.file.db, (service) => policies.get(service), Date.now, changes);
  const engine = {
    async handle(command: Parameters<CoreWorld['do']>[0]) {
      world.now = Date.now();
      const answer = await world.do(command);
      tell();
      return answer;
    },
    traced: (...asked: Parameters<CoreWorld['deciding']['traced']>) => world.deciding.traced(...asked),
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const pipeline = frontDoor({
    engine,
    query,
    outbox,
    repositories: {
      find,
      touches: async () => true,
      ancestors: async () => ({}),
      reachable: async () => true,
    },
    forge: { checks: async () => [...checks] },
  });
  return { world, pipeline, policies, stop: () => clearInterval(timer) };
}

/** Every ref is a commit of its own; `nowhere` is none. */
async function find({ ref }: { ref: string }) {
  if (ref === 'nowhere')
    throw new ProviderError(
      'unknown commit',
      'The repository of hello has no branch, tag or commit `nowhere`.',
    );
  const sha = createHash('sha1').update(ref).digest('hex');
  return { sha, ref, subject: `Change ${ref}`, author: 'Ada', email: 'ann@example.test', isTag: false };
}
