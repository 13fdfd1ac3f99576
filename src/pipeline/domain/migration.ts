/** What the migrations of a slot allow from now on: nothing older than `version`, as `by` said. */
export interface DatabaseFloor {
  version: number;
  by: number;
}

/** Of two floors the higher one: what a later migration allows is allowed by none that is stricter. */
export const higherFloor = (before: DatabaseFloor | undefined, now: DatabaseFloor): DatabaseFloor =>
  before !== undefined && before.version >= now.version ? before : now;

/** Why a version may not run on the database of an environment any more, as a sentence; undefined when it may. */
export function tooOldForDatabase(
  floor: DatabaseFloor | undefined,
  version: number,
  environment: string,
): string | undefined {
  if (floor === undefined || version >= floor.version) return undefined;
  return `v${floor.by} has changed the database of ${environment} and says that nothing before v${floor.version} works with it.`;
}
