import type { Answer, Asked, Bot } from './asked.ts';
import { deploymentWithAuthor, groupWithAuthors, releaseWithAuthor } from './authors.ts';
import { openForm } from './forms.ts';
import { troubleOf } from './slack-error.ts';
import { deploymentCard } from './views/deployment-card.ts';
import type { Drawn } from './views/drawn.ts';
import { asModal } from './views/forms.ts';
import { groupCard } from './views/group-card.ts';
import { releaseCard } from './views/release-card.ts';

/** Slash commands do not work in threads; shortcuts do. The app's manifest holds the same ids. */
export const shortcutIds = ['release', 'roll-back', 'about-message'] as const;
export type ShortcutId = (typeof shortcutIds)[number];

type Run = (bot: Bot, asked: Asked, message: Pointed | undefined) => Promise<Answer>;

/** The message that a shortcut was used on, and the one its thread hangs on. */
export interface Pointed {
  channel: string;
  ts: string;
  threadTs?: string;
}

/** Which shortcut goes where. */
export const shortcuts: Record<ShortcutId, Run> = {
  release: (bot, asked) => openForm(bot, asked, 'release-form'),
  'roll-back': (bot, asked) => openForm(bot, asked, 'roll-back-form'),
  'about-message': about,
};

/** On a card, or anywhere in its thread: the card as it is now, with its buttons. Elsewhere: a new release. */
async function about(bot: Bot, asked: Asked, message: Pointed | undefined): Promise<Answer> {
  const card = message === undefined ? undefined : await cardAt(bot, message);
  if (card === undefined) return openForm(bot, asked, 'release-form');
  return openModal(bot, asked, card);
}

async function cardAt(
  { pipeline, membership }: Bot,
  { channel, ts, threadTs }: Pointed,
): Promise<Drawn | undefined> {
  const found =
    (await pipeline.outbox.at(channel, threadTs ?? ts)) ?? (await pipeline.outbox.at(channel, ts));
  if (found === undefined) return undefined;
  const { content } = found;
  if (content.kind === 'release card') {
    const view = await pipeline.query.release(content.service, content.version);
    return view === undefined
      ? undefined
      : releaseCard(await releaseWithAuthor(view, membership.mailbox), 'sections');
  }
  if (content.kind === 'group card') {
    const group = await pipeline.query.group(content.group, content.number);
    return group && groupCard(await groupWithAuthors(group, membership.mailbox));
  }
  if (content.kind !== 'deployment card') return undefined;
  const view = await pipeline.query.deployment(content.deployment);
  return view === undefined
    ? undefined
    : deploymentCard(await deploymentWithAuthor(view, membership.mailbox), 'sections');
}

/** Shows a drawing in a dialog. */
export async function openModal(bot: Bot, asked: Asked, drawing: Drawn): Promise<Answer> {
  if (asked.triggerId === undefined) return drawing;
  try {
    await bot.clients.interactive.views.open({
      trigger_id: asked.triggerId,
      view: asModal(drawing, asked.channel),
    });
    return undefined;
  } catch (error) {
    bot.log.warn({ trouble: troubleOf(error) }, 'a dialog did not open');
    return drawing;
  }
}
