import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { Release } from '../../pipeline/domain/release.ts';
import type { ReleaseView } from '../../pipeline/pipeline.ts';
import { actions, context } from './blocks.ts';
import { type Button, draw } from './buttons.ts';
import { clockWithSeconds, code, oneLine, person, shortDigest, shortSha, when } from './format.ts';

/** `*Subject* ` and below it author, commit, ref, who asked and when. */
export function commitLines(release: Release, texts: Record<string, string>): string {
  const { commit } = release;
  const subject = oneLine(texts[commit.subject] ?? '[erased]', 200);
  const author = oneLine(texts[commit.author] ?? '[erased]', 80);
  return `*${subject || '(no subject)'}*\n${author} · \`${shortSha(commit.sha)}\` on ${code(commit.ref)} · asked for by ${person(release.requestedBy)} ${when(release.requestedAt)}`;
}

/** The image, and how old a moving card is. */
export function footer(release: Release | undefined, now: number, moving: boolean): KnownBlock | undefined {
  const image = release?.image;
  const parts = [
    ...(image === undefined
      ? []
      : [`Image \`${shortDigest(image.digest)}\`${image.reused ? ' (baked before)' : ''}`]),
    ...(moving ? [`as of ${clockWithSeconds(now)}`] : []),
  ];
  return parts.length === 0 ? undefined : context(parts.join(' · '));
}

/** What a running task says it is doing. */
export function taskLine(view: Pick<ReleaseView, 'tasks'>, stages: readonly string[]): string | undefined {
  const task = view.tasks.find((one) => stages.includes(one.stage));
  if (task === undefined || (task.note === undefined && task.attempt <= 1)) return undefined;
  const note = task.note === undefined ? oneLine(task.kind, 40) : code(task.note);
  return `Now: ${note}${task.attempt > 1 ? ` (attempt ${task.attempt})` : ''}`;
}

/** Buttons of one subject in a row; named after their environment when there is more than one row. */
export function buttonRow(buttons: Button[], suffix?: string): ActionsBlock | undefined {
  return actions(
    buttons.map((button) =>
      draw(
        suffix === undefined || button.id === 'roll-back'
          ? button
          : { ...button, label: `${button.label} · ${suffix}` },
      ),
    ),
  );
}
