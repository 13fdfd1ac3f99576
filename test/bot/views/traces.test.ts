import { expect, it } from 'vitest';
import { traceList, tracesLine } from '../../../src/bot/views/traces.ts';
import { readable } from '../../support/slack-limits.ts';

const hello = { service: 'hello', version: 3 };
const link = (name: string) => ({ name, link: `https://traces.example.test/?id=${name}&x=1` });

it('a card has the links that everybody may see, and no more of them than Slack takes', () => {
  expect(tracesLine([link('release'), link('dev')], hello)).toEqual([
    'Traces: <https://traces.example.test/?id=release&amp;x=1|release>, <https://traces.example.test/?id=dev&amp;x=1|dev>',
  ]);
  const [many = ''] = tracesLine(
    Array.from({ length: 200 }, () => link('production')),
    hello,
  );
  expect(many.length).toBeLessThan(2_020);
});

it('a card has no link where readers are named, and says how they ask', () => {
  expect(tracesLine('for who asks', hello)).toEqual(['Traces: `/bake trace hello v3`']);
  expect(tracesLine('for who asks', undefined)).toEqual([]);
  expect(tracesLine(undefined, hello)).toEqual([]);
});

it('who asks is told every trace of a release by its name', () => {
  const told = readable(traceList('hello', 3, [link('hello.v3'), link('hello.production.9')]));
  expect(told).toContain('|hello.v3>');
  expect(told).toContain('|hello.production.9>');
});
