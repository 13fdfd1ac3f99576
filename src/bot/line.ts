import { orSorry } from './answer.ts';
import type { Bot } from './asked.ts';
import { deploymentWithAuthor, groupWithAuthors, releaseWithAuthor } from './authors.ts';
import { onCommand } from './requests.ts';
import { sentence } from './views/blocks.ts';
import { deploymentCard } from './views/deployment-card.ts';
import type { Card, Drawn } from './views/drawn.ts';
import { groupCard } from './views/group-card.ts';
import { plainText } from './views/plain-text.ts';
import { releaseCard } from './views/release-card.ts';

/** What a line at the terminal came to. */
export interface LineAnswer {
  text: string;
  refused: boolean;
  about?: { service: string; version: number } | { deployment: string };
}

/** Runs `/bake …` or `/rollback …` as an operator who was verified before. */
export async function onLine(
  bot: Bot,
  account: string,
  line: string,
  breakGlass?: string,
): Promise<LineAnswer> {
  const [, slash, text] = /^\s*(\/bake|\/rollback)(?:\s+([\s\S]*))?$/.exec(line) ?? [];
  const asked = {
    by: { kind: 'operator' as const, account },
    channel: '',
    ephemeral: false,
    ...(breakGlass === undefined ? {} : { breakGlass }),
  };
  const answer: Drawn =
    slash === '/bake' || slash === '/rollback'
      ? ((await orSorry(bot.log, slash, () => onCommand(bot, asked, slash, alone(slash, text)))) ??
        sentence('Done.'))
      : {
          ...sentence('Say `/bake …` or `/rollback …`, as in Slack. `/bake help` shows the words.'),
          refused: true,
        };
  return {
    text: plainText(answer).join('\n'),
    refused: answer.refused ?? false,
    ...(answer.about === undefined ? {} : { about: answer.about }),
  };
}

/** A terminal has no dialogs: `/bake` alone shows the words. */
const alone = (slash: string, text: string | undefined): string =>
  slash === '/bake' && (text ?? '').trim() === '' ? 'help' : (text ?? '');

/** What a card says now, as lines; undefined when there is none. */
export async function cardLines(
  { pipeline: { query }, membership: { mailbox } }: Bot,
  about: NonNullable<LineAnswer['about']>,
): Promise<(Pick<Card, 'moving' | 'needsPerson'> & { lines: string[]; failed: boolean }) | undefined> {
  if ('deployment' in about) {
    const view = await query.deployment(about.deployment);
    if (view === undefined) return undefined;
    return shown(
      deploymentCard(await deploymentWithAuthor(view, mailbox)),
      view.deployment.failure !== undefined,
    );
  }
  const view = await query.release(about.service, about.version);
  if (view === undefined) {
    const group = await query.group(about.service, about.version);
    return (
      group && shown(groupCard(await groupWithAuthors(group, mailbox)), group.release.state === 'went back')
    );
  }
  return shown(releaseCard(await releaseWithAuthor(view, mailbox)), view.release.failure !== undefined);
}

const shown = (card: Card, failed: boolean) => ({
  lines: plainText(card),
  moving: card.moving,
  needsPerson: card.needsPerson,
  failed,
});
