import { describe, expect, it } from 'vitest';
import { patienceOfLaunch, shortly } from '../../src/pipeline/shortly.ts';

/** How often it is looked at before it gives up, and how long that would have taken. */
async function looksFor(patience: { within?: number }) {
  let looks = 0;
  const pauses: number[] = [];
  const look = async () => {
    looks++;
    return undefined;
  };
  const pause = async (ms: number) => {
    pauses.push(ms);
  };
  await shortly(look, new AbortController().signal, { ...patience, pause });
  return { looks, pauses, waited: pauses.reduce((sum, ms) => sum + ms, 0) };
}

describe('what is nearly there', () => {
  it('is looked at for an eighth of a second, often at first', async () => {
    expect(await looksFor({})).toEqual({
      looks: 13,
      pauses: [5, 5, 5, 5, 5, 6, 8, 10, 12, 15, 15, 15],
      waited: 106,
    });
  });

  it('is looked at for a second when it was launched just now, and no longer holds a worker later', async () => {
    expect((await looksFor(patienceOfLaunch(500))).waited).toBeGreaterThan(950);
    expect((await looksFor(patienceOfLaunch(500))).waited).toBeLessThanOrEqual(1_000);
    expect((await looksFor(patienceOfLaunch(2_000))).waited).toBe(106);
  });

  it('is not looked at again once it was seen, or nobody waits any more', async () => {
    const stopped = new AbortController();
    const pause = async () => stopped.abort();
    let looks = 0;
    await shortly(async () => void looks++, stopped.signal, { within: 1_000, pause });
    expect(looks).toBe(2);
    expect(await shortly(async () => 'seen', stopped.signal, { pause })).toBe('seen');
  });
});
