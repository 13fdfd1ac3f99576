import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closingNow, lookAgain } from '../../../src/balancers/haproxy/websockets.ts';

test('WebSockets are left alone for half of a drain, then closed evenly until the deadline', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 2000, max: 300_000 }),
      (count, length) => {
        let open = count;
        let pace: number | undefined;
        for (let now = 0; now < length; now += lookAgain) {
          const closing = closingNow(open, 0, length, now);
          if (now < length / 2) expect(closing).toBe(0);
          else {
            pace ??= Math.ceil((count * lookAgain) / (length - now));
            expect(closing).toBeLessThanOrEqual(pace);
          }
          open -= closing;
        }
        expect(closingNow(open, 0, length, length)).toBe(open);
      },
    ),
  );
});
