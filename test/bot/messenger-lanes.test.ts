import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../src/bot/log.ts';
import { createDesk, type Desk } from '../../src/bot/messenger/desk.ts';
import { wanted } from '../../src/bot/messenger/lanes.ts';
import { startMessenger } from '../../src/bot/messenger.ts';
import { fakePipeline } from '../support/fake-pipeline.ts';
import { startFakeSlack } from '../support/fake-slack.ts';
import { noon, policy, release, releaseView, texts } from '../support/sample.ts';
import {
  building,
  looks,
  pipeline as opened,
  openedForEach,
  putCard,
  slack,
  start,
} from '../support/small-messenger.ts';
import { until } from '../support/wait-for.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
const minute = 60_000;

const cardOf = (version: number) => ({
  key: `card-${version}`,
  content: { kind: 'release card' as const, service: 'hello', version },
});

/** A desk on which so many cards move, the later ones drawn longer ago. */
async function deskWith(cards: number): Promise<Desk> {
  const pipeline = fakePipeline(() => noon);
  const desk = createDesk({
    pipeline,
    client: new WebClient('xoxb-1'),
    defaultChannel: 'C1',
    now: () => noon,
    log: quiet,
  });
  for (let version = 1; version <= cards; version++) {
    const card = cardOf(version);
    pipeline.put(card);
    await pipeline.outbox.shown(card.key, { channel: 'C1', ts: `1.${version}`, hash: 'h', revision: 1 });
    desk.memory.set(card.key, { moving: true, drawnAt: noon - minute - version });
  }
  return desk;
}

describe('a thousand cards that move', () => {
  it('are drawn again in turn, those drawn longest ago first', async () => {
    const keys = (await wanted(await deskWith(1000))).map(({ key }) => key);
    expect(keys.length).toBeLessThan(100);
    expect(keys).toEqual(keys.map((_, index) => `card-${1000 - index}`));
  });

  it('come after the one that somebody clicked', async () => {
    const desk = await deskWith(1000);
    desk.memory.set('card-1', { moving: true, hurried: true, drawnAt: noon });
    expect((await wanted(desk))[0]?.key).toBe('card-1');
  });
});

describe('many cards to draw at once', () => {
  it('leave a turn to clicks and commands after every few', async () => {
    const slack = await startFakeSlack();
    const pipeline = fakePipeline(() => noon);
    let inThisTurn = 0;
    let most = 0;
    let drawn = 0;
    const { query } = pipeline;
    const read = query.release;
    query.release = async (service, version) => {
      drawn += 1;
      inThisTurn += 1;
      most = Math.max(most, inThisTurn);
      return read(service, version);
    };
    for (let version = 1; version <= 150; version++) {
      pipeline.releases.set(
        `hello/${version}`,
        releaseView({ release: release('build', { version }), now: noon }),
      );
      pipeline.put(cardOf(version));
    }
    let watching = true;
    const turn = (): void => {
      inThisTurn = 0;
      if (watching) setImmediate(turn);
    };
    turn();
    const client = new WebClient('xoxb-1', {
      slackApiUrl: slack.url,
      rejectRateLimitedCalls: true,
      retryConfig: { retries: 0 },
    });
    const messenger = startMessenger({
      pipeline,
      client,
      defaultChannel: 'C1',
      now: () => noon,
      log: quiet,
      interval: 20,
    });
    await until('all were drawn', () => drawn >= 150);
    await messenger.stop();
    watching = false;
    await slack.close();
    expect(most).toBeLessThanOrEqual(16);
  });
});

describe('lanes that wait together for room in a channel', () => {
  openedForEach();

  it('are looked at when the clock says so, and not because of each other', async () => {
    const about = { at: noon, policy, texts };
    start();
    for (const version of [2, 3]) putCard(building(version), version);
    await until('both cards', () => slack.messages.length === 2);
    for (let seq = 1; seq <= 20; seq++) {
      const version = 2 + (seq % 2);
      opened.notes.set(seq, { ...about, event: { type: 'ReleasePromoted', service: 'hello', version } });
      opened.put({ key: `note-${seq}`, content: { kind: 'note', seq, card: `card-${version}` } });
    }
    await looks();
    const { due, note } = opened.outbox;
    let drawn = 0;
    opened.outbox.note = (seq) => {
      drawn += 1;
      return note(seq);
    };
    let seen = 0;
    opened.outbox.due = (limit) => {
      seen += 1;
      return due(limit);
    };
    const began = performance.now();
    for (let turn = 0; turn < 1_000; turn++) await new Promise((go) => setImmediate(go));
    // One for each interval of the clock, and one to spare.
    expect(seen).toBeLessThanOrEqual((performance.now() - began) / 20 + 1);
    expect([...opened.messages.values()].some(({ posted }) => posted === undefined)).toBe(true);
    await looks();
    // What has no room is not drawn anew at each look.
    expect(drawn).toBe(0);
  });
});
