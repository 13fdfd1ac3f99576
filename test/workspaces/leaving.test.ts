import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { startBot } from '../../src/bot/app.ts';
import { messages } from '../../src/ledger/schema.ts';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import { type SlackSimulator, startSlackSimulator } from '../../src/slack-simulator/index.ts';
import { openCore } from '../journeys/town.ts';
import { environment, policy } from '../support/policies.ts';
import { until } from '../support/wait-for.ts';

const channel = 'C0RELEASES';
const workspaces = [
  { team: 'T0ACME0001', name: 'acme' },
  { team: 'T0PARTNER1', name: 'partner' },
] as const;
const names = ['hello', 'billing', 'search'];
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const serviceIn = (index: number, workspace: number): ServicePolicy =>
  policy({
    service: names[index] ?? '',
    channel,
    workspace: workspaces[workspace] ?? workspaces[0],
    environments: [environment('dev', 4600 + index)],
  });

/** One workspace, whose ids are those of every other; only its token is its own. */
const open = (index: number): Promise<SlackSimulator> =>
  startSlackSimulator({
    signingSecret: `s${index}`,
    botToken: `xoxb-${index}`,
    appToken: `xapp-${index}`,
    people: [{ id: 'U0ANN00001', name: 'ann' }],
    channels: [
      { id: channel, name: 'releases' },
      { id: 'C0DEPLOYS1', name: 'deploys' },
    ],
    installation: { teamId: workspaces[index]?.team ?? '' },
    delivery: { kind: 'http', url: 'http://127.0.0.1:9/nowhere' },
  });

type Step =
  | { do: 'push'; service: number }
  | { do: 'move'; service: number; to: number }
  | { do: 'revoke'; workspace: number; revoked: boolean }
  | { do: 'fail'; workspace: number; how: number }
  | { do: 'wait' };

const which = fc.constantFrom(0, 1);
const service = fc.constantFrom(0, 1, 2);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), service }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), service, to: which }) },
  fc.record({ do: fc.constant('revoke' as const), workspace: which, revoked: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), workspace: which, how: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'wait' }) },
);
const faults = [
  { method: 'chat.postMessage', error: 'not_in_channel' },
  { method: 'chat.postMessage', status: 500, afterTaking: true },
  { method: 'chat.update', error: 'edit_window_closed' },
  { method: 'chat.postMessage', status: 429, retryAfter: 1 },
] as const;

/** Time as all of it sees it: what Slack asks to wait for passes when the test says so, however busy the machine is. */
let ahead = 0;
const realNow = Date.now.bind(Date);
beforeEach(() => {
  ahead = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + ahead);
});
afterEach(() => void vi.restoreAllMocks());

/** Plays it, and returns what left each workspace's token: keys of posts, and errors that nobody ordered. */
async function played(steps: readonly Step[]) {
  const slacks = await Promise.all([open(0), open(1)]);
  const { world, pipeline, policies, stop } = openCore([0, 1, 2].map((index) => serviceIn(index, index % 2)));
  const settings = (index: 0 | 1) => ({
    mode: 'http' as const,
    signingSecret: `s${index}`,
    botToken: `xoxb-${index}`,
    apiUrl: slacks[index].apiUrl,
    workspace: workspaces[index],
    defaultChannel: 'C0DEPLOYS1',
  });
  const bot = await startBot({ pipeline, log: quiet, now: Date.now, workspaces: [settings(0), settings(1)] });
  let commits = 0;
  for (const one of steps) {
    if (one.do === 'push') {
      commits += 1;
      await world.do({
        do: 'request release',
        service: names[one.service] ?? '',
        commit: {
          sha: String(commits).padStart(40, 'a'),
          ref: 'main',
          subject: 'x',
          author: 'Ada',
          email: '',
        },
        by: { kind: 'poll' },
      });
    } else if (one.do === 'move') policies.set(names[one.service] ?? '', serviceIn(one.service, one.to));
    else if (one.do === 'revoke') slacks[one.workspace]?.revoke(one.revoked);
    else if (one.do === 'fail') slacks[one.workspace]?.failNext(faults[one.how] ?? faults[0]);
    else await new Promise((resolve) => setTimeout(resolve, 60));
    bot.wake();
  }
  const rowsNow = () => world.file.db.select().from(messages).all();
  for (const slack of slacks) slack.revoke(false);
  // Longer than a token that was refused is left alone, and than any pause that Slack asks for.
  const shownAll = () => {
    ahead += 1_000;
    bot.wake();
    return rowsNow().every(({ due, givenUp }) => !due || givenUp !== null);
  };
  for (let looks = 0; !shownAll(); looks += 1) {
    if (looks === 2_000) throw new Error('Not everything was shown in the end.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await bot.stop();
  stop();
  const rows = rowsNow();
  const left = slacks.map(({ calls }) => ({
    keys: calls.flatMap(({ method, args }) => (method === 'chat.postMessage' ? keysOf(args.metadata) : [])),
    errors: calls.flatMap(({ error = '' }) => (misrouted.has(error) ? [error] : [])),
  }));
  await Promise.all(slacks.map((slack) => slack.close()));
  return { rows, left };
}

/** What another workspace's token, card or channel would be answered with. */
const misrouted = new Set(['invalid_auth', 'message_not_found', 'thread_not_found', 'channel_not_found']);

/** Keys of all messages that a post holds. */
function keysOf(metadata: unknown): string[] {
  const text = typeof metadata === 'string' ? metadata : JSON.stringify(metadata ?? {});
  return [...text.matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key ?? '');
}

it('no message of a service ever leaves by the token of another workspace', async () => {
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const { rows, left } = await played(steps);
      left.forEach(({ keys, errors }, index) => {
        expect(errors).toEqual([]);
        shown += keys.length;
        for (const key of keys)
          expect([key, rows.find((row) => row.key === key)?.team]).toEqual([key, workspaces[index]?.team]);
      });
    }),
    { numRuns: 12, seed: 5 },
  );
  expect(shown).toBeGreaterThan(40);
}, 60_000);

it('a token of another workspace than bot.yaml names shows nothing, and is told to readiness', async () => {
  const slack = await open(1);
  const { world, pipeline, stop } = openCore([serviceIn(0, 0)]);
  const bot = await startBot({
    pipeline,
    log: quiet,
    now: Date.now,
    workspaces: [
      {
        mode: 'http',
        signingSecret: 's1',
        botToken: 'xoxb-1',
        apiUrl: slack.apiUrl,
        workspace: workspaces[0],
        defaultChannel: 'C0DEPLOYS1',
      },
    ],
  });
  onTestFinished(async () => {
    stop();
    await bot.stop();
    await slack.close();
  });
  await world.do({
    do: 'request release',
    service: 'hello',
    commit: { sha: 'a'.repeat(40), ref: 'main', subject: 'x', author: 'Ada', email: '' },
    by: { kind: 'poll' },
  });
  await until('its being noticed', () => !bot.state().ready);
  expect(bot.state().reason).toContain('this token belongs to the workspace T0PARTNER1');
  expect(new Set(slack.calls.map(({ method }) => method))).toEqual(new Set(['auth.test']));
});
