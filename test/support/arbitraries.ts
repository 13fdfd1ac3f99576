import fc from 'fast-check';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import { noon } from './sample.ts';

export const name = fc.oneof(
  fc.constantFrom('hello', 'production', 'a'),
  fc.string({ minLength: 1, maxLength: 64, unit: fc.constantFrom('a', 'b', '-', '0') }),
);
/** Words from outside: anything, long, and full of what Slack treats specially. */
export const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('&', '<', '>', '`', '```', '\n', '*', '<!channel>', 'é', '😀', 'x'),
    maxLength: 4000,
  }),
);
export const at = fc.integer({ min: noon - 10 ** 9, max: noon + 10 ** 9 });
export const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
export const digest = fc
  .string({ minLength: 64, maxLength: 64, unit: fc.constantFrom('a', '0') })
  .map((hex) => `sha256:${hex}`);
export const version = fc.integer({ min: 1, max: 10 ** 9 });
export const actor: fc.Arbitrary<Actor> = fc.oneof(
  fc
    .string({ minLength: 8, maxLength: 11, unit: fc.constantFrom('U', 'A', '1') })
    .map((user): Actor => ({ kind: 'person', team: 'T1', user })),
  words.map((source): Actor => ({ kind: 'webhook', source, delivery: 'd' })),
  words.map((account): Actor => ({ kind: 'operator', account })),
  fc.constantFrom<Actor>({ kind: 'poll' }, { kind: 'clock' }),
);

/** Leaves out what is undefined, as `exactOptionalPropertyTypes` asks. */
export function defined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
