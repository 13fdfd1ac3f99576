import { expect, it } from 'vitest';
import { goodBot, goodService, problemsOf } from './installation.ts';

const url = 'url: http://127.0.0.1:4318/v1/traces';

it.each([
  [url, []],
  [`${url}, headers: { authorization: env:TOKEN }, link: 'https://a.example.com/?left={trace}&x=1'`, []],
  ["link: 'https://a.example.com/{trace}'", ['traces.url']],
  ['url: 127.0.0.1:4318', ['must be an address']],
  [`${url}, link: https://a.example.com/`, ['must contain {trace}']],
  [`${url}, link: 'javascript:alert({trace})'`, ['must be an address']],
  [`${url}, headers: { authorization: Bearer abcdef }`, ['is no reference']],
  [`${url}, headers: { 'x y': env:TOKEN }`, ['is no name of a header']],
  [`${url}, sampling: 1`, ['`sampling` is not a key here']],
])('where traces go, as { %s }, is answered %j', async (text, said) => {
  const problems = await problemsOf({
    'bot.yaml': `${goodBot}traces: { ${text} }\n`,
    'services/hello.yaml': goodService,
  });
  expect(problems).toEqual(said.map((words) => expect.stringContaining(words)));
});
