import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Log } from '../../src/bot/log.ts';
import { startMessenger } from '../../src/bot/messenger.ts';
import type { SlackSimulatorOptions } from '../../src/slack-simulator/index.ts';
import { clientOf, DEPLOYS, startRig } from '../slack-simulator/support/rig.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { deployment, policy, releaseView, serving, texts } from '../support/sample.ts';
import { until } from '../support/wait-for.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
let pipeline: FakePipeline;
let skipped = 0;
const now = (): number => Date.now() + skipped;

beforeEach(() => {
  skipped = 0;
  pipeline = fakePipeline(now);
  const done = deployment('retire', { old: serving(1) });
  pipeline.releases.set('hello/2', releaseView({ deployments: [done], now: now() }));
  const event = { type: 'DeploymentStagePassed', stage: 'soak', skipped: false } as const;
  const about = { service: 'hello', environment: 'production', version: 2, deployment: done.id };
  pipeline.notes.set(7, { event: { ...event, ...about }, at: now(), deployment: done, policy, texts });
});

/** The messenger on a workspace of the simulator, with a card and its picture to show. */
async function shown(options: Partial<SlackSimulatorOptions> = {}, pictures?: boolean) {
  const slack = await startRig(options);
  const start = () => {
    const messenger = startMessenger({
      pipeline,
      client: clientOf(slack),
      defaultChannel: DEPLOYS,
      now,
      log: quiet,
      interval: 20,
      ...(pictures === undefined ? {} : { pictures }),
    });
    onTestFinished(() => messenger.stop());
    return messenger;
  };
  const channel = DEPLOYS;
  const card = { kind: 'release card', service: 'hello', version: 2 } as const;
  const put = () => {
    pipeline.put({ key: 'card', channel, content: card });
    pipeline.put({ key: 'picture.1', channel, content: { kind: 'picture', seq: 7, card: 'card' } });
  };
  const inThread = () => slack.messages(DEPLOYS).flatMap(({ ts }) => slack.thread(DEPLOYS, ts).slice(1));
  return { slack, start, put, inThread };
}

const settled = () => pipeline.givenUp.has('picture.1') || pipeline.messages.get('picture.1')?.posted;
const over = () => until('the picture to be shown or left out', () => Boolean(settled()));

/** The clock goes on until it is: what is postponed is tried again. */
const overInTime = () =>
  until('the picture after its waits', () => {
    skipped += 200;
    return Boolean(settled());
  });

describe("the picture in a deployment's thread", () => {
  it('is put there once with words for who cannot see it', async () => {
    const { slack, start, put, inThread } = await shown();
    put();
    start();
    await overInTime();
    const [message, ...more] = inThread();
    expect(more).toEqual([]);
    expect(message?.text).toContain('*hello v2* in *production*');
    const [file] = message?.files ?? [];
    expect(file).toMatchObject({
      mimetype: 'image/png',
      alt_txt: 'hello v2 to production. launch 10s, cut-over 10s and soak 10s.',
    });
    const bytes = await fetch(String(file?.url_private));
    expect(bytes.headers.get('content-type')).toBe('image/png');
    expect(slack.calls.filter(({ method }) => method === 'files.completeUploadExternal')).toHaveLength(1);
  });

  it('stands there once when the answer to its upload was lost', async () => {
    const { slack, start, put, inThread } = await shown();
    slack.failNext({ method: 'files.completeUploadExternal', status: 503, afterTaking: true });
    put();
    start();
    await overInTime();
    expect(inThread().flatMap(({ files }) => files ?? [])).toHaveLength(1);
    expect(slack.calls.filter(({ method }) => method === 'files.delete')).toHaveLength(1);
  });

  it('stands there once when Bakery was killed before it heard the answer', async () => {
    const { start, put, inThread } = await shown();
    const { shown: tell } = pipeline.outbox;
    let release = (): void => undefined;
    const killed = new Promise<void>((go) => {
      release = go;
    });
    let heard = false;
    pipeline.outbox.shown = (key, at) => {
      if (key !== 'picture.1') return tell(key, at);
      heard = true;
      return killed;
    };
    put();
    start();
    await until('the picture', () => {
      skipped += 200;
      return heard && inThread().length === 1;
    });
    pipeline.outbox.shown = tell;
    start();
    await overInTime();
    release();
    expect(inThread().flatMap(({ files }) => files ?? [])).toHaveLength(1);
  });

  it('is tried again after a rate limit and after Slack was away', async () => {
    const { slack, start, put, inThread } = await shown();
    slack.failNext({ method: 'files.getUploadURLExternal', status: 429, retryAfter: 2 });
    slack.failNext({ method: 'files.getUploadURLExternal', status: 500 });
    put();
    start();
    await overInTime();
    expect(inThread()).toHaveLength(1);
  });

  it('is left out where the app may not upload, and the card stays shown', async () => {
    const { slack, start, put, inThread } = await shown({ scopes: ['chat:write'] });
    put();
    const messenger = start();
    await overInTime();
    expect(pipeline.givenUp.get('picture.1')).toBe('Slack takes no pictures: missing_scope');
    expect(messenger.state()).toEqual({ ready: true });
    expect(slack.messages(DEPLOYS)).toHaveLength(1);
    expect(inThread()).toEqual([]);
  });

  it('is left out where the operators switched pictures off', async () => {
    const { slack, start, put } = await shown({}, false);
    put();
    start();
    await over();
    expect(pipeline.givenUp.get('picture.1')).toBe('pictures are switched off');
    expect(slack.calls.filter(({ method }) => method.startsWith('files.'))).toEqual([]);
  });
});
