import { expect, it } from 'vitest';
import { goodBot, goodService, load, problemsOf } from './installation.ts';

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
  [`${url}, readers: [T0EXAMPLE1/U0ANN00001, T0EXAMPLE1/S0SRE00001]`, []],
  [`${url}, readers: [ann]`, ['team/id']],
  [`${url}, sampling: 1`, ['`sampling` is not a key here']],
])('where traces go, as { %s }, is answered %j', async (text, said) => {
  const problems = await problemsOf({
    'bot.yaml': `${goodBot}traces: { ${text} }\n`,
    'services/hello.yaml': goodService,
  });
  expect(problems).toEqual(said.map((words) => expect.stringContaining(words)));
});

it.each([
  ['', ['*']],
  [', readers: [T1/U1, T1/S1]', ['T1/U1', 'T1/S1']],
])('who sees traces%s holds that right in every service: %j', async (readers, holders) => {
  const files = {
    'bot.yaml': `${goodBot}traces: { ${url}${readers} }\n`,
    'services/hello.yaml': goodService,
  };
  const { config } = await load(files);
  expect(config.policies.get('hello')?.people.trace).toEqual(holders);
});
