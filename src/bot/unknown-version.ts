import type { Queries } from '../pipeline/pipeline.ts';
import { nearestVersion } from './nearest.ts';
import { sentence } from './views/blocks.ts';
import type { Drawn } from './views/drawn.ts';
import { oneLine } from './views/format.ts';

/** The parts of an order that name a version. */
const naming = ['version', 'from', 'to'] as const;

/**
 * The answer to an order of a service that names a version that there is not; undefined when there is each. `meant`:
 * those that it can have meant, where it is not any.
 */
export async function unknownVersion(
  { versions }: Pick<Queries, 'versions'>,
  service: string,
  order: object,
  meant: () => Promise<readonly number[]> = async () => [],
): Promise<Drawn | undefined> {
  const parts = new Map<string, unknown>(Object.entries(order));
  const named = naming.map((part) => parts.get(part)).filter((part) => typeof part === 'number');
  if (named.length === 0) return undefined;
  const known = await versions(service);
  const unknown = named.find((version) => !known.includes(version));
  if (unknown === undefined) return undefined;
  const nearest = nearestVersion(unknown, await meant()) ?? nearestVersion(unknown, known);
  const words = `There is no ${oneLine(service, 60)} v${unknown}${hint(service, nearest)}`;
  return { ...sentence(`🤔 ${words}`), refused: true, because: 'unknown version' };
}

function hint(service: string, nearest: number | undefined): string {
  const name = oneLine(service, 60);
  return nearest === undefined
    ? `: it has no releases yet. \`/bake ${name}\` makes the first.`
    : `. Did you mean \`v${nearest}\`? \`/bake history ${name}\` shows what there is.`;
}
