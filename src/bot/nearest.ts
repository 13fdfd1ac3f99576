/** The choice that a typing mistake was most likely meant to be; undefined when none is near. */
export function nearest(text: string, choices: readonly string[]): string | undefined {
  const typed = text.slice(0, 64).toLowerCase();
  const tolerated = Math.max(1, Math.floor(typed.length / 3));
  let best: { choice: string; distance: number } | undefined;
  for (const choice of choices) {
    const distance = editDistance(typed, choice.slice(0, 64).toLowerCase());
    if (distance <= tolerated && (best === undefined || distance < best.distance))
      best = { choice, distance };
  }
  return best?.choice;
}

/** Insertions, deletions, replacements and swaps of two neighbours that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let least = Math.min(
        (now[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      now.push(least);
    }
    beforeLast = last;
    last = now;
  }
  return last[to.length] ?? 0;
}
