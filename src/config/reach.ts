import { accountOf } from './aws-fields.ts';
import type { ProviderSettings } from './providers/index.ts';

/**
 * Why images that `from` bakes could not be started by `to`, the provider of an environment; undefined when nothing in
 * the files stands against it. Names are those of bot.yaml.
 */
export function outOfReach(
  from: { name: string; made: ProviderSettings | undefined },
  to: { name: string; made: ProviderSettings | undefined },
): string | undefined {
  if (from.made === undefined || to.made === undefined || from.name === to.name) return undefined;
  if (from.made.kind !== to.made.kind)
    return `The images of \`${from.name}\` are of kind ${from.made.kind}, and \`${to.name}\` of kind ${to.made.kind} cannot start them; name one of the same kind.`;
  if (from.made.kind !== 'aws' || to.made.kind !== 'aws') return undefined;
  const { copyTo = [], shareWith = [], region } = from.made;
  const there = to.made.region;
  if (there !== region && !copyTo.some((place) => place.region === there))
    return `\`${to.name}\` runs in ${there}, where the images of \`${from.name}\` are not; add the region to its \`copyTo\` in bot.yaml.`;
  const account = accountOf(to.made);
  if (account !== undefined && account !== accountOf(from.made) && !shareWith.includes(account))
    return `\`${to.name}\` is the account ${account}, which may not start the images of \`${from.name}\`; add it to its \`shareWith\` in bot.yaml.`;
  return undefined;
}
