import type { Queries } from '../pipeline/pipeline.ts';
import { nearestVersion } from './nearest.ts';
import { oneLine } from './views/format.ts';

/** The parts of an order that name a version. */
const naming = ['version', 'from', 'to'] as const;

/** What to say to an order of a service that names a version that there is not; undefined when there is each. */
export async function unknownVersion(
  { versions }: Pick<Queries, 'versions'>,
  service: string,
  order: object,
): Promise<string | undefined> {
  const parts = new Map<string, unknown>(Object.entries(order));
  const named = naming.map((part) => parts.get(part)).filter((part) => typeof part === 'number');
  if (named.length === 0) return undefined;
  const known = await versions(service);
  const unknown = named.find((version) => !known.includes(version));
  if (unknown === undefined) return undefined;
  const name = oneLine(service, 60);
  const meant = nearestVersion(unknown, known);
  return meant === undefined
    ? `There is no ${name} v${unknown}: it has no releases yet. \`/bake ${name}\` makes the first.`
    : `There is no ${name} v${unknown}. Did you mean \`v${meant}\`? \`/bake history ${name}\` shows what there is.`;
}
