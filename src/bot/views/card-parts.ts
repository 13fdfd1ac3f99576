import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { Release } from '../../pipeline/domain/release.ts';
import type { ReleaseView } from '../../pipeline/views.ts';
import { actions, context, section } from './blocks.ts';
import { type Button, draw } from './button.ts';
import { clockWithSeconds, code, oneLine, person, shortDigest, shortSha, unescaped, when } from './format.ts';
import { type Plan, planBlock, type Style } from './plan.ts';
import { progressBar, stageLine } from './stages.ts';
import { tracesLine } from './traces.ts';

/** `*Subject* ` and below it author, commit, ref, who asked and when. */
export function commitLines(release: Release, texts: Record<string, string>): string {
  const { commit } = release;
  const subject = oneLine(texts[commit.subject] ?? '[erased]', 200);
  const author = oneLine(texts[commit.author] ?? '[erased]', 80);
  const hotfix =
    release.hotfix === undefined
      ? ''
      : `\n🚑 *Hotfix:* ${oneLine(texts[release.hotfix] ?? '[erased]', 300)} (it overtakes those that wait)`;
  return `*${subject || '(no subject)'}*\n${author} · \`${shortSha(commit.sha)}\` on ${code(commit.ref)} · asked for by ${person(release.requestedBy)} ${when(release.requestedAt)}${hotfix}`;
}

/** The image, and how old a moving card is. */
export function footer(
  release: Release | undefined,
  { now, traces }: Pick<ReleaseView, 'now' | 'traces'>,
  moving: boolean,
): KnownBlock | undefined {
  const image = release?.image;
  const parts = [
    ...(image === undefined
      ? []
      : [`Image \`${shortDigest(image.digest)}\`${image.reused ? ' (baked before)' : ''}`]),
    ...tracesLine(traces, release),
    ...(moving ? [`as of ${clockWithSeconds(now)}`] : []),
  ];
  return parts.length === 0 ? undefined : context(parts.join(' · '));
}

/** What a running task says it is doing. */
export function taskLine(view: Pick<ReleaseView, 'tasks'>, stages: readonly string[]): string | undefined {
  const task = view.tasks.find((one) => stages.includes(one.stage));
  if (task === undefined || (task.note === undefined && task.tries === 0)) return undefined;
  const note = task.note === undefined ? oneLine(task.kind, 40) : code(task.note);
  return `Now: ${note}${task.tries > 0 ? ` (attempt ${task.tries + 1})` : ''}`;
}

interface StagesPart extends Omit<Plan, 'title' | 'doing'> {
  /** What the stages are of. */
  name: string;
  /** How far it is, and how long it took. */
  summary?: string | undefined;
  /** The line above the stages where they are drawn as lines. */
  above?: string | undefined;
  /** Whether lines get a bar of progress. */
  bar?: boolean;
  task: string | undefined;
}

/** The stages of a release or a deployment in the chosen style. */
export function stagesPart(style: Style, part: StagesPart): KnownBlock {
  const { name, summary, above, bar, task, stages, records, expected, now } = part;
  if (style === 'plan') {
    const title = summary === undefined ? name : `${name} · ${summary}`;
    const doing = task === undefined ? undefined : unescaped(task.replaceAll('`', ''));
    return planBlock({ id: part.id, title, stages, records, expected, now, doing });
  }
  const line = stageLine(stages, records, now);
  if (!bar)
    return section(
      [above, summary === undefined ? line : `${line}  ·  ${summary}`, task]
        .filter((one) => one !== undefined)
        .join('\n'),
    );
  const cells = now === undefined ? '' : `${progressBar(stages, records, expected, now)} `;
  return section(
    [above, `${cells}${summary ?? ''}`, line, task].filter((one) => one !== undefined).join('\n'),
  );
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
