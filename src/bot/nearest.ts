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
