import { expect, it } from 'vitest';
import { ada } from '../../src/demo/people.ts';
import { readable } from '../../src/demo/readable.ts';

it('a line of the story reads as Slack shows it: names, times and words of links', () => {
  const line = `Who may: <@${ada.id}>. Open until <!date^1764100000^{time}|14:05 UTC> (<https://forge.test/c|compare>)`;
  expect(readable(line)).toBe('Who may: Ada Byron. Open until 14:05 UTC (compare)');
  expect(readable('<@U0NOBODY00> presses')).toBe('<@U0NOBODY00> presses');
});
