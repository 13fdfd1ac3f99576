import { setTimeout as pause } from 'node:timers/promises';
import { startMessenger } from '../src/bot/messenger.ts';
import { slackClients } from '../src/bot/slack-clients.ts';
import type { ReleaseStage } from '../src/pipeline/domain/release.ts';
import type { ReleaseView } from '../src/pipeline/views.ts';
import { Random } from '../src/selftest/random.ts';
import { type SlackSimulator, startSlackSimulator } from '../src/slack-simulator/index.ts';
import { fakePipeline } from '../test/support/fake-pipeline.ts';
import { deployment, release, releaseView, wait } from '../test/support/sample.ts';
import { atMost, type Figure, quantile, seen } from './figure.ts';

const releases = 50;
const channels = 10;
/** The clock goes so much faster than that of this machine; the messenger looks as often by it as by its own. */
const speed = 5;
const minute = 60_000;
/** By the fast clock: how long all of them move. */
const lasts = 3.5 * minute;
/** At most so many become final, fail or need somebody at once, once in a minute. */
const atOnce = 10;
const moving = ['build', 'bake', 'candidate', 'verify'] as const satisfies readonly ReleaseStage[];

interface Moment {
  version: number;
  at: number;
  /** What the card must say from then on. */
  says: string;
}

interface Run {
  slack: SlackSimulator;
  moments: Moment[];
  /** When each began to move and when it came to rest, by version. */
  moves: Map<number, { from: number; until: number }>;
}

/**
 * Fifty releases that move at once in one workspace with Slack's limits, on a fast clock: the messenger, its client and
 * HTTP are real, what the ledger says is the benchmark's.
 */
export async function flood(): Promise<Figure[]> {
  const began = Date.now();
  const now = (): number => began + (Date.now() - began) * speed;
  const slack = await startSlackSimulator({
    people: [],
    channels: Array.from({ length: channels }, (_, index) => ({ id: channelOf(index), name: `c${index}` })),
    signingSecret: 'a signing secret of the benchmark',
    botToken: 'xoxb-flood',
    appToken: 'xapp-flood',
    delivery: { kind: 'socket' },
    rateLimits: true,
    now,
  });
  const pipeline = fakePipeline(now);
  const messenger = startMessenger({
    pipeline,
    client: slackClients({ botToken: 'xoxb-flood', apiUrl: slack.apiUrl, log: quiet }).progress,
    defaultChannel: channelOf(0),
    now,
    log: quiet,
    interval: 500 / speed,
  });
  const run: Run = { slack, moments: [], moves: new Map() };
  try {
    await story(run, pipeline, now);
  } finally {
    await messenger.stop();
    await slack.close();
  }
  return figures(run);
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const channelOf = (version: number): string => `C0FLOOD${String(version % channels).padStart(3, '0')}`;

/** All begin within seconds and go from stage to stage; each minute some end, fail or ask somebody, all at once. */
async function story(run: Run, pipeline: ReturnType<typeof fakePipeline>, now: () => number): Promise<void> {
  const random = new Random(20_261_125);
  const stages = new Map<number, number>();
  const put = (version: number, view: ReleaseView): void => {
    pipeline.releases.set(`hello/${version}`, view);
    pipeline.put({
      key: `card-${version}`,
      channel: channelOf(version),
      content: { kind: 'release card', service: 'hello', version },
      final: view.release.state === 'failed',
    });
  };
  const { release: find } = pipeline.query;
  // As the ledger does: a view is of the moment in which it is read.
  pipeline.query.release = async (service, version) => {
    const view = await find(service, version);
    return view === undefined ? undefined : { ...view, now: now() };
  };
  const start = now();
  let ended = 0;
  for (let version = 1; version <= releases; version += 1) {
    stages.set(version, 0);
    run.moves.set(version, { from: now(), until: start + lasts });
    put(version, releaseView({ release: release('build', { version }) }));
  }
  while (now() < start + lasts) {
    const version = [...stages.keys()][random.between(0, stages.size - 1)];
    if (version !== undefined) {
      const stage = ((stages.get(version) ?? 0) + 1) % moving.length;
      stages.set(version, stage);
      put(version, releaseView({ release: release(moving[stage] ?? 'build', { version }) }));
    }
    if (now() >= start + (ended / atOnce + 1) * minute && stages.size > atOnce) {
      for (const one of [...stages.keys()].slice(0, atOnce)) {
        const at = now();
        const fails = one % 2 === 0;
        put(one, fails ? failed(one) : asks(one));
        run.moments.push({ version: one, at, says: fails ? 'failed in build' : 'waits for approval' });
        run.moves.set(one, { from: run.moves.get(one)?.from ?? at, until: at });
        stages.delete(one);
        ended += 1;
      }
    }
    // A change of some card about every second.
    await pause(1000 / speed);
  }
  // What came last has its time too.
  await pause(20_000 / speed);
}

const failed = (version: number): ReleaseView =>
  releaseView({
    release: release('build', {
      version,
      state: 'failed',
      failure: { stage: 'build', fault: 'command failed', sentence: 'failure', at: 0 },
    }),
  });

const asks = (version: number): ReleaseView =>
  releaseView({
    release: release('done', { version }),
    deployments: [deployment('approve', { version, wait: wait('approval') })],
  });

function figures({ slack, moments, moves }: Run): Figure[] {
  const taken = slack.calls.filter(({ error, status }) => error === undefined && status === 200);
  const drawings = taken.flatMap(({ method, args, at }) => {
    const version = /v(\d+)/.exec(String(args.text))?.[1];
    return method.startsWith('chat.') && version !== undefined
      ? [{ version: Number(version), text: String(args.text), blocks: String(args.blocks), at }]
      : [];
  });
  const lags = moments.map(({ version, at, says }) => {
    const shown = drawings.find((one) => one.version === version && one.at >= at && one.text.includes(says));
    return shown === undefined ? Number.POSITIVE_INFINITY : (shown.at - at) / 1000;
  });
  const ages = [...moves].flatMap(([version, { from, until }]) => {
    const times = drawings.filter((one) => one.version === version && one.at <= until).map(({ at }) => at);
    return [...times, until].map((at, index) => (at - (times[index - 1] ?? from)) / 1000);
  });
  const unmarked = drawings.filter(
    ({ text, blocks }) => !/failed in|waits for approval/.test(text) && !blocks.includes('as of <!date'),
  );
  return [
    atMost('chat.update in the fullest minute', fullest(slack, 'chat.update', minute), 50, 'calls'),
    atMost('chat.postMessage to one channel in the fullest 5 s', fullestPost(slack), 5, 'calls'),
    atMost('calls that Slack refused for their number', refused(slack), 0, 'calls'),
    atMost('final, failed or waiting for somebody, until the card says so', Math.max(...lags), 15, 's'),
    atMost('the oldest that any other card was', Math.max(...ages), 75, 's'),
    seen('the oldest of 19 in 20 drawings of a moving card', quantile(ages, 0.95), 's'),
    atMost('moving cards that do not say which time they show', unmarked.length, 0, 'drawings'),
    seen('what became final, failed or waited', moments.length, 'cards'),
  ];
}

const refused = ({ calls }: SlackSimulator): number => calls.filter(({ status }) => status === 429).length;

function fullest({ calls }: SlackSimulator, method: string, window: number, channel?: string): number {
  const times = calls
    .filter((one) => one.method === method && (channel === undefined || one.args.channel === channel))
    .map(({ at }) => at);
  return Math.max(0, ...times.map((at) => times.filter((one) => one > at - window && one <= at).length));
}

const fullestPost = (slack: SlackSimulator): number =>
  Math.max(
    ...Array.from({ length: channels }, (_, index) =>
      fullest(slack, 'chat.postMessage', 5000, channelOf(index)),
    ),
  );
