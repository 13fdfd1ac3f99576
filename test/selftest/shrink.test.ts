import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrink } from '../../src/selftest/shrink.ts';

describe('shrinking', () => {
  it('leaves exactly what the failure needs, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.array(fc.nat(40), { maxLength: 4 }), async (length, chosen) => {
        const whole = [...Array(length + 1).keys()];
        const needed = [...new Set(chosen.filter((one) => one <= length))].sort((a, b) => a - b);
        const fails = async (part: readonly number[]) => needed.every((one) => part.includes(one));
        expect(await shrink(whole, fails, 2_000)).toEqual(needed);
      }),
      { seed: 20_261_124 },
    );
  });
});
