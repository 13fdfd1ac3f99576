import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vocabulary } from '../../src/bot/commands/index.ts';
import { isNotUnderstood, parse } from '../../src/bot/grammar.ts';
import { nearest } from '../../src/bot/nearest.ts';
import { reservedWords } from '../../src/config/reserved.ts';

const known = new Map([
  ['hello', ['dev', 'staging', 'production']],
  ['checkout', ['production']],
]);
const read = (slash: '/bake' | '/rollback', text: string): object => {
  const parsed = parse(slash, text, known, vocabulary);
  return isNotUnderstood(parsed) ? parsed : { is: parsed.word.name, ...parsed.order };
};
const bake = (text: string) => read('/bake', text);
const back = (text: string) => read('/rollback', text);
const sentenceOf = (parsed: object): string =>
  'sentence' in parsed ? String(parsed.sentence) : `a command: ${JSON.stringify(parsed)}`;

describe('the words of /bake and /rollback', () => {
  it.each([
    ['hello', { is: 'bake', service: 'hello' }],
    ['  hello   feature/x ', { is: 'bake', service: 'hello', ref: 'feature/x' }],
    ['`hello` v2', { is: 'bake', service: 'hello', ref: 'v2' }],
    ['', { is: 'release' }],
    ['HELP', { is: 'help' }],
    ['status', { is: 'status' }],
    ['status hello', { is: 'status', service: 'hello' }],
    ['history checkout', { is: 'history', service: 'checkout' }],
    ['log hello 3', { is: 'log', service: 'hello', version: 3 }],
    ['log hello v3 build', { is: 'log', service: 'hello', version: 3, stage: 'build' }],
    ['deploy hello v3 staging', { is: 'deploy', service: 'hello', version: 3, environment: 'staging' }],
    ['cancel hello', { is: 'cancel', service: 'hello' }],
    ['cancel hello V12', { is: 'cancel', service: 'hello', version: 12 }],
    ['repair hello dev', { is: 'repair', service: 'hello', environment: 'dev' }],
    ['images hello', { is: 'images', service: 'hello' }],
    ['keep hello v3', { is: 'keep', service: 'hello', version: 3 }],
    ['keep hello v3 off', { is: 'keep', service: 'hello', version: 3, off: 'off' }],
    ['reaper hello', { is: 'reaper', service: 'hello' }],
    ['reaper hello allow', { is: 'reaper', service: 'hello', doing: 'allow' }],
    ['why hello', { is: 'why', service: 'hello' }],
    ['diff hello v41 v42', { is: 'diff', service: 'hello', from: 41, to: 42 }],
    ['approve hello', { is: 'approve', service: 'hello' }],
    [
      'approve hello v3 production',
      { is: 'approve', service: 'hello', version: 3, environment: 'production' },
    ],
    ['reject hello not today', { is: 'reject', service: 'hello', reason: 'not today' }],
    [
      'reject hello v3 production not today',
      { is: 'reject', service: 'hello', version: 3, environment: 'production', reason: 'not today' },
    ],
    [
      'hotfix hello fix/x the shop is down',
      { is: 'hotfix', service: 'hello', ref: 'fix/x', hotfix: 'the shop is down' },
    ],
    ['rollback hello v2', { is: 'rollback', service: 'hello', version: 2 }],
    ['retire hello production', { is: 'retire', service: 'hello', environment: 'production' }],
  ])('/bake %s', (text, command) => {
    expect(bake(text)).toEqual(command);
  });

  it.each([
    ['hello', { is: 'rollback', service: 'hello' }],
    ['hello 41', { is: 'rollback', service: 'hello', version: 41 }],
    ['hello v41 production', { is: 'rollback', service: 'hello', version: 41, environment: 'production' }],
  ])('/rollback %s', (text, command) => {
    expect(back(text)).toEqual(command);
  });
});

describe('what is not understood gets a sentence that helps', () => {
  it.each([
    ['helo', 'Did you mean `/bake hello`?'],
    ['staus', 'Did you mean `/bake status`?'],
    ['status chekout', 'Did you mean `checkout`?'],
    ['deploy hello v3 prodction', 'Did you mean `production`?'],
    ['deploy hello v3', 'Its environments are `dev`, `staging`, `production`'],
    ['log hello', 'Which version? Say `/bake log <service> <version> [stage]`.'],
    ['log hello three', '“three” is not a version: say it like `v42`.'],
    ['log hello v3 biuld', 'Did you mean `build`?'],
    ['hello --upload-pack=evil', 'is not a name that Git takes'],
    ['hello main now please', '“now please” is too much'],
    ['hotfix hello', 'Which branch, tag or commit?'],
    ['hotfix hello main', 'The reason is missing. Say `/bake hotfix <service>'],
    ['diff hello v1', 'Which version? Say `/bake diff'],
    ['history', 'Which service? Bakery knows `hello`, `checkout`.'],
    ['zzzzzzzz', 'neither a service nor a word that Bakery knows'],
  ])('/bake %s', (text, expected) => {
    expect(sentenceOf(bake(text))).toContain(expected);
  });

  it.each([
    ['', 'Which service?'],
    ['hello v0', '“v0” is not a version'],
    ['hello v1 mars', 'There is no environment “mars”'],
  ])('/rollback %s', (text, expected) => {
    expect(sentenceOf(back(text))).toContain(expected);
  });
});

describe('the list of commands', () => {
  it.each(vocabulary.words.map((word) => [word.name, word] as const))(
    '%s shows its usage and a sentence, and no service may be named so',
    (name, { usage, says }) => {
      expect(usage).toMatch(/^\/(bake|rollback)/);
      expect(says.length).toBeGreaterThan(3);
      expect(reservedWords).toContain(name);
    },
  );
});

it('ten thousand lines of anything never throw and give a command or a sentence', () => {
  const word = fc.oneof(
    fc.constantFrom<string>(
      ...reservedWords,
      'hello',
      'checkout',
      'v1',
      '42',
      'production',
      '-',
      '--x',
      '<@U1>',
    ),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  );
  const line = fc.oneof(
    fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  fc.assert(
    fc.property(fc.constantFrom<'/bake' | '/rollback'>('/bake', '/rollback'), line, (slash, text) => {
      const parsed = read(slash, text);
      if ('sentence' in parsed) expect(String(parsed.sentence).length).toBeGreaterThan(10);
      else expect(parsed).toHaveProperty('is');
    }),
    { numRuns: 10_000 },
  );
});

it('the nearest word is found across a slip of the fingers, and not across everything', () => {
  expect(nearest('satus', ['status', 'history'])).toBe('status');
  expect(nearest('sttaus', ['status', 'history'])).toBe('status');
  expect(nearest('banana', ['status', 'history'])).toBeUndefined();
});

describe('a group of services', () => {
  const groups = new Map([['shop', { services: ['hello', 'checkout'], environments: ['production'] }]]);
  const answer = (text: string) => {
    const parsed = parse('/bake', text, known, vocabulary, groups);
    return isNotUnderstood(parsed) ? parsed.sentence : `${parsed.word.name} ${parsed.isOfGroup}`;
  };

  it.each([
    ['shop main', 'bake true'],
    ['help shop', 'help true'],
    ['deploy shop v3 production', 'deploy true'],
    ['status hello', 'status false'],
  ])('is named like a service: %s', (text, read) => expect(answer(text)).toBe(read));

  it.each([
    ['shp', 'Did you mean `/bake shop`?'],
    ['status shpo', 'Did you mean `shop`?'],
    ['zzzzzzzz', 'Bakery knows `hello`, `checkout`, `shop`;'],
    ['log shop v3', '“shop” is a group of services (`hello`, `checkout`), and this is for one of them.'],
    ['log shpo v3', 'Known: `hello`, `checkout`.'],
    [
      'deploy shop v3 staging',
      '“shop” goes together to `production` only; to `staging` each of its services goes on its own: `hello`.',
    ],
    ['deploy shop v3 nowhere', 'There is no environment “nowhere”. Known: `production`.'],
  ])('that is said nearly right gets a sentence that helps: %s', (text, words) => {
    expect(answer(text)).toContain(words);
  });
});
