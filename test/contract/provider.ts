import { describe, expect, onTestFinished, test } from 'vitest';
import { type ProviderRig, providerBench } from './provider-bench.ts';
import { commandProofs } from './provider-commands.ts';
import { imageProofs } from './provider-images.ts';
import { instanceProofs } from './provider-instances.ts';
import { launchProofs } from './provider-launches.ts';

export type { ProviderRig } from './provider-bench.ts';

const proofs = { ...imageProofs, ...launchProofs, ...commandProofs, ...instanceProofs };

export type ProviderPromise = keyof typeof proofs;

const promises = Object.keys(proofs) as ProviderPromise[];

/**
 * What every provider promises; the titles are the promises. A gap names the promise that a provider cannot keep,
 * and why: it becomes a test that the gap is a real promise, with the reason in its title.
 */
export const providerContract = (
  name: string,
  make: () => Promise<ProviderRig>,
  gaps: Partial<Record<ProviderPromise, string>> = {},
): void => {
  describe(`provider contract: ${name}`, () => {
    for (const title of promises) {
      const gap = gaps[title];
      if (gap !== undefined) {
        test(`gap (${gap}): ${title}`, () => expect(promises).toContain(title));
        continue;
      }
      test(title, async () => {
        const on = providerBench(await make());
        onTestFinished(on.end);
        await proofs[title](on);
        await on.end();
      });
    }
    test('every declared gap names a promise', () => {
      for (const gap of Object.keys(gaps)) expect(promises).toContain(gap);
    });
  });
};
