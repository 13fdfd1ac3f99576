/**
 * The shortest part of a list that still fails, found by leaving out ever smaller pieces (delta debugging). `fails`
 * is asked at most `tries` times; the order is kept.
 */
export async function shrink<T>(
  whole: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  tries = 300,
): Promise<readonly T[]> {
  let best = whole;
  let left = tries;
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; ) {
    let shorter = false;
    for (let from = 0; from < best.length && left > 0; ) {
      const part = [...best.slice(0, from), ...best.slice(from + size)];
      left -= 1;
      if (await fails(part)) {
        best = part;
        shorter = true;
      } else from += size;
    }
    if (!shorter || size > best.length) size = size === 1 ? 0 : Math.floor(size / 2);
  }
  return best;
}
