import { describe, expect, it } from 'vitest';
import { bob, deployment, noon, release, releaseView, serving, slot, wait } from '../support/sample.ts';
import { labels } from '../support/slack-limits.ts';
import {
  building,
  cardOf,
  cardPosted,
  clock,
  looks,
  openedForEach,
  pipeline,
  putCard,
  slack,
  start,
} from '../support/small-messenger.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

describe('a card in Slack', () => {
  it('is posted once with its key and edited in place', async () => {
    start();
    putCard();
    await cardPosted();
    expect(slack.messages[0]).toMatchObject({
      channel: 'C1',
      metadata: { event_payload: { key: 'card-2' } },
    });
    clock.time += 3000;
    putCard(releaseView({ release: release('verify'), now: clock.time }));
    await until('the edit', () => slack.messages[0]?.text.includes('being verified') ?? false);
    expect(slack.of('chat.postMessage')).toHaveLength(1);
  });

  it('is not edited when it would look the same', async () => {
    start();
    const waiting = releaseView({ deployments: [deployment('approve', { wait: wait('approval') })] });
    putCard(waiting);
    await cardPosted();
    clock.time += 60_000;
    const shown = pipeline.shownCount;
    putCard({ ...waiting, now: clock.time });
    await until('it is called shown', () => pipeline.shownCount > shown);
    expect(slack.of('chat.update')).toEqual([]);
  });

  it('is edited at most every three seconds while it only goes on', async () => {
    start();
    putCard();
    await cardPosted();
    for (let step = 1; step <= 5; step += 1) putCard({ ...building(), now: clock.time + step * 1000 });
    await looks();
    expect(slack.of('chat.update')).toEqual([]);
    clock.time += 3000;
    await until('one edit', () => slack.of('chat.update').length === 1);
    await looks();
    expect(slack.of('chat.update')).toHaveLength(1);
  });

  it('is edited at once when it needs a person or is final', async () => {
    start();
    putCard();
    await cardPosted();
    putCard(releaseView({ deployments: [deployment('approve', { wait: wait('approval') })] }));
    await until('the buttons', () => labels(slack.messages[0] ?? {}).includes('Approve'));
    putCard(releaseView({ deployments: [deployment('approve', { state: 'rejected', rejectedBy: bob })] }));
    await until('their going', () => labels(slack.messages[0] ?? {}).length === 0);
  });

  it('loses its buttons at once after a click, although it is only progress', async () => {
    const running = start();
    putCard(releaseView({ deployments: [deployment('launch')] }));
    await until('the button', () => labels(slack.messages[0] ?? {}).includes('Cancel'));
    await until('its being written down', () => pipeline.shownCount > 0);
    putCard(releaseView({ deployments: [deployment('launch', { state: 'stopping' })] }));
    running.wake({ channel: 'C1', ts: slack.messages[0]?.ts ?? '' });
    await until('its going', () => labels(slack.messages[0] ?? {}).length === 0);
  });

  it('is drawn again every five seconds while something on it moves, and not when it is final', async () => {
    start();
    putCard();
    await cardPosted();
    await looks();
    clock.time += 5000;
    pipeline.releases.set('hello/2', building());
    await until('the clock.time that went on', () => slack.of('chat.update').length === 1);
    const live = deployment('done', { endedAt: noon });
    const slots = { production: slot('production', { live: serving(2, live.id) }) };
    clock.time += 3000;
    putCard(releaseView({ deployments: [live], slots, now: clock.time }));
    await until('the end', () => slack.of('chat.update').length === 2);
    clock.time += 60_000;
    await looks();
    expect(slack.of('chat.update')).toHaveLength(2);
  });

  it('keeps the edits of fifty moving cards below Slack’s limit, and final ones go first', async () => {
    start();
    for (let version = 1; version <= 50; version += 1) {
      pipeline.releases.set(`hello/${version}`, building(version));
      pipeline.put({ ...cardOf(version), channel: `C${version}` });
    }
    await until('all cards', () =>
      [...pipeline.messages.values()].every(({ posted }) => posted !== undefined),
    );
    clock.time += 6000;
    for (let version = 1; version <= 50; version += 1) putCard(building(version), version);
    // A few at once, the others evenly: so there is always room for what is urgent.
    await until('the budget', () => slack.of('chat.update').length === 3);
    await looks();
    expect(slack.of('chat.update')).toHaveLength(3);
    putCard(releaseView({ release: release('build', { version: 50, state: 'cancelled' }) }), 50);
    await until('the final one', () => slack.messages.some((one) => one.text.includes('cancelled')));
  });
});

describe('room for progress', () => {
  it('goes to the card whose drawing is oldest, however often others change', async () => {
    start();
    for (let version = 1; version <= 8; version += 1) {
      pipeline.releases.set(`hello/${version}`, building(version));
      pipeline.put({ ...cardOf(version), channel: `C${version}` });
    }
    await until('all cards', () => slack.of('chat.postMessage').length === 8);
    await looks();
    const drawn = new Map<string, number>();
    for (let round = 1; round <= 24; round += 1) {
      // Room for one more edit; the first three change all the time.
      clock.time += 61_000 / 49;
      for (let version = 1; version <= 8; version += 1)
        pipeline.releases.set(`hello/${version}`, building(version));
      for (const version of [1, 2, 3]) pipeline.put(cardOf(version));
      // The clock of this test outruns the lanes: each has had its turn before it goes on.
      await looks(6);
      // The next round begins when the ledger knows of all that this one drew.
      const sent = () => slack.messages.length + slack.of('chat.update').length;
      await until('what was sent is known', () => pipeline.shownCount === sent());
    }
    for (const { args } of slack.of('chat.update'))
      drawn.set(args.ts ?? '', (drawn.get(args.ts ?? '') ?? 0) + 1);
    expect([...drawn.values()].length).toBe(8);
    expect(Math.min(...drawn.values())).toBeGreaterThanOrEqual(Math.max(...drawn.values()) - 1);
  });
});
