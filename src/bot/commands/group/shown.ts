import type { Bot } from '../../asked.ts';
import { groupWithAuthors } from '../../authors.ts';
import { sentence } from '../../views/blocks.ts';
import type { Drawn } from '../../views/drawn.ts';
import { oneLine } from '../../views/format.ts';
import { groupCard } from '../../views/group-card.ts';

interface Which {
  service: string;
  version?: number;
}

/** The card of a group's release, the newest when none is named: with its buttons, to one person. */
export async function shownGroup(bot: Bot, { service, version }: Which): Promise<Drawn> {
  const { pipeline, membership } = bot;
  const view = await pipeline.query.group(service, version);
  if (view === undefined) return noRelease(service, version);
  const { text, blocks } = groupCard(await groupWithAuthors(view, membership.mailbox));
  return { text, blocks };
}

export function noRelease(group: string, version: number | undefined): Drawn {
  const name = oneLine(group, 60);
  const words =
    version === undefined
      ? `${name} has no releases yet. \`/bake ${name}\` makes the first.`
      : `There is no ${name} v${version}. \`/bake history ${name}\` shows what there is.`;
  return { ...sentence(`🤔 ${words}`), refused: true, because: 'unknown version' };
}
