import { gt } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { startAnchors } from '../../src/composition/anchors.ts';
import { anchorProblems, anchorSentence, parseAnchors } from '../../src/ledger/anchors.ts';
import { events } from '../../src/ledger/schema.ts';
import { createLog } from '../../src/ops/log.ts';
import { CoreWorld } from '../support/core-world.ts';
import { until } from '../support/wait-for.ts';

it('an anchor that was posted in a channel shows that the end of the ledger was cut', async () => {
  const world = new CoreWorld();
  await world.push('one');
  await world.run(5_000);
  const posted: [channel: string, text: string][] = [];
  const stop = startAnchors({
    file: world.file,
    anchors: { channel: '#audit', every: 60_000 },
    post: async (channel, text) => void posted.push([channel, text]),
    log: createLog({ level: 'silent' }),
  });
  onTestFinished(stop);
  await until('the anchor', () => posted.length === 1);
  expect(posted[0]?.[0]).toBe('#audit');
  // As somebody copies it from there, with what Slack puts around it.
  const { anchors, problems } = parseAnchors(`Bakery  9:14 AM\n${posted[0]?.[1]}\n`);
  expect(problems).toEqual([]);
  expect(anchorProblems(world.file.db, anchors)).toEqual([]);

  const [anchor] = anchors;
  if (anchor === undefined) throw new Error('The message holds no anchor.');
  world.file.db
    .delete(events)
    .where(gt(events.seq, anchor.seq - 3))
    .run();
  expect(anchorProblems(world.file.db, anchors)[0]).toContain('the end of the ledger was cut');
});

it('an anchor that Slack did not take is posted at the next time, and an old one not again', async () => {
  const world = new CoreWorld();
  await world.push('one');
  let refuse = true;
  const posted: string[] = [];
  const stop = startAnchors({
    file: world.file,
    anchors: { channel: '#audit', every: 20 },
    post: async (_, text) => {
      if (refuse) throw new Error('Slack is away');
      posted.push(text);
    },
    log: createLog({ level: 'silent' }),
  });
  onTestFinished(stop);
  refuse = false;
  await until('the anchor', () => posted.length === 1);
  await world.run(5_000);
  await until('the next', () => posted.length >= 2);
  expect(new Set(posted).size).toBe(posted.length);
});

it('anchors of a file and of a channel are read together, and a damaged one is told', () => {
  const hash = 'a'.repeat(64);
  const json = JSON.stringify({ seq: 5, hash, at: 1 });
  const sentence = anchorSentence({ seq: 9, hash, at: 2_000 });
  const damaged = sentence.replace('event 9', 'event');
  const { anchors, problems } = parseAnchors(
    [json, 'Bakery  9:14', sentence, damaged, '{"seq": 7'].join('\n'),
  );
  expect(anchors.map(({ seq }) => seq)).toEqual([5, 9]);
  expect(problems).toEqual([
    'Line 4 of the anchors cannot be read: it was cut or changed.',
    'Line 5 of the anchors cannot be read: it was cut or changed.',
  ]);
});
