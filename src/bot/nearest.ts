import { distance } from 'fastest-levenshtein';

/** The choice that a typing mistake was most likely meant to be; undefined when none is near. */
export function nearest(text: string, choices: readonly string[]): string | undefined {
  const typed = text.slice(0, 64).toLowerCase();
  // A swap of two neighbours counts as two edits, and is the commonest slip there is.
  const tolerated = Math.max(2, Math.floor(typed.length / 3));
  const [best] = choices
    .map((choice) => ({ choice, edits: distance(typed, choice.slice(0, 64).toLowerCase()) }))
    .filter(({ edits }) => edits <= tolerated && edits < typed.length)
    .sort((a, b) => a.edits - b.edits);
  return best?.choice;
}

/** The version that was most likely meant: of those that one slip makes of it the closest by number, else of all. */
export function nearestVersion(typed: number, versions: readonly number[]): number | undefined {
  const slips = versions.filter((one) => isSlip(String(typed), String(one)));
  const [best] = (slips.length > 0 ? slips : versions).toSorted(
    (a, b) => Math.abs(a - typed) - Math.abs(b - typed),
  );
  return best;
}

/** One digit too many, too few or another, or two neighbours in the wrong order. */
function isSlip(typed: string, meant: string): boolean {
  const edits = distance(typed, meant);
  const sorted = (digits: string): string => [...digits].toSorted().join('');
  return typed.length > 1 && (edits === 1 || (edits === 2 && sorted(typed) === sorted(meant)));
}
