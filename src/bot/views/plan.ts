import type { PlanBlock, RichTextBlock, TaskCardBlock } from '@slack/types';
import type { StageRecord, StageState } from '../../pipeline/domain/stage-record.ts';
import type { At, Millis } from '../../pipeline/domain/time.ts';
import { elapsed, shorten } from './format.ts';

/** How stages are drawn: Slack's own plan block, or lines of a section for clients without it. */
export type Style = 'plan' | 'sections';

const status: Record<StageState, TaskCardBlock['status']> = {
  waiting: 'pending',
  running: 'in_progress',
  passed: 'complete',
  skipped: 'complete',
  failed: 'error',
  cancelled: 'error',
};

export interface Plan {
  /** Tells the stages of one plan from those of another in the same message. */
  id: string;
  title: string;
  stages: readonly string[];
  records: Record<string, StageRecord | undefined>;
  expected: Partial<Record<string, Millis>>;
  /** Undefined while it waits: what waits does not grow older on the card. */
  now: At | undefined;
  /** What the running stage is doing, in plain words. */
  doing?: string | undefined;
}

/** The stages as a plan of tasks, each with its state, its time and how long it usually takes. */
export function planBlock(plan: Plan): PlanBlock {
  return {
    type: 'plan',
    title: shorten(plan.title, 150),
    tasks: plan.stages.map((stage) => taskCard(plan, stage)),
  };
}

function taskCard({ id, records, expected, now, doing }: Plan, stage: string): TaskCardBlock {
  const record = records[stage];
  const state = record?.state ?? 'waiting';
  return {
    type: 'task_card',
    task_id: shorten(`${id}.${stage}`, 255),
    title: `${stage}${timeOf(record, state, expected[stage], now)}`,
    status: status[state],
    ...(state === 'running' && doing !== undefined ? { details: richText(doing) } : {}),
  };
}

function timeOf(
  record: StageRecord | undefined,
  state: StageState,
  usual: Millis | undefined,
  now: At | undefined,
): string {
  if (state === 'skipped') return ' (skipped)';
  const usually = usual === undefined ? '' : ` · usually ${elapsed(usual)}`;
  if (state === 'waiting') return usually;
  const end = record?.endedAt ?? now;
  const took =
    record?.beganAt === undefined || end === undefined ? '' : ` · ${elapsed(end - record.beganAt)}`;
  if (state === 'running') return `${took}${usually}`;
  return `${took}${state === 'passed' ? '' : ` (${state})`}`;
}

/** Plain words as rich text, where nothing is ever read as a mark-up. */
const richText = (text: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: shorten(text, 300) || '…' }] }],
});
