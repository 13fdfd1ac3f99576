import type { ActionsBlock, KnownBlock, PlanBlock } from '@slack/types';
import type { Drawn } from './drawn.ts';
import { escaped } from './format.ts';

/** Slack's limits, in characters. The sum is undocumented: Slack refuses near 13,200. */
export const limits = {
  blocks: 50,
  viewBlocks: 100,
  sum: 13_000,
  text: 4000,
  section: 3000,
  header: 150,
  planTitle: 150,
  buttonText: 75,
  value: 2000,
  id: 255,
  actions: 25,
  context: 10,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  metadata: 3000,
  modalTitle: 24,
} as const;

/**
 * Cuts mrkdwn to `most` characters without leaving half of an entity (`&amp;`), of a mention or link (`<…>`),
 * or of a code block.
 */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  let cut = text.slice(0, Math.max(0, most - 6));
  if (/[\uD800-\uDBFF]$/.test(cut)) cut = cut.slice(0, -1);
  cut = cut.replace(/&[a-z]{0,4}$/, '').replace(/<[^<>]*$/, '');
  const fences = cut.split('```').length - 1;
  return fences % 2 === 1 ? `${cut.replace(/`{1,2}$/, '')}…\n\`\`\`` : `${cut}…`;
}

/** Trims every part of a drawing to what Slack takes, and drops the least important blocks until the sum fits. */
export function withinLimits<D extends Drawn>(drawing: D): D {
  const blocks = drawing.blocks.map(fitBlock).filter((block) => block !== undefined);
  const text = clip(drawing.text, limits.text);
  return { ...drawing, text: text === '' ? 'Bakery' : text, blocks: withinSum(withinCount(blocks)) };
}

/** Trims every block of a dialog or of App Home to what Slack takes: a hundred of them. */
export const withinView = (blocks: KnownBlock[]): KnownBlock[] =>
  blocks
    .map(fitBlock)
    .filter((block) => block !== undefined)
    .slice(0, limits.viewBlocks);

/** A shorter drawing for when Slack refuses one as too long: headline, first words and buttons. */
export function shorter<D extends Drawn>(drawing: D): D {
  const kept = drawing.blocks.flatMap((block): KnownBlock[] => {
    if (block.type === 'header' || block.type === 'actions') return [block];
    if (block.type === 'plan') return [planAsSection(block)];
    if (block.type !== 'section' || block.text === undefined) return [];
    return [{ ...block, text: { ...block.text, text: clip(withoutFences(block.text.text), 300) } }];
  });
  return withinLimits({ ...drawing, text: clip(drawing.text, 1000), blocks: kept.slice(0, 12) });
}

/** A plan in words, for when Slack refuses the block. */
export function planAsSection({ title, tasks }: PlanBlock): KnownBlock {
  const lines = (tasks ?? []).flatMap((task) =>
    typeof task.title === 'string' ? [`${planSigns[String(task.status)] ?? '•'} ${escaped(task.title)}`] : [],
  );
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: clip([`*${escaped(title)}*`, ...lines].join('\n'), 1500) },
  };
}

const planSigns: Record<string, string> = { pending: '⚪', in_progress: '🔄', complete: '✅', error: '❌' };

const withoutFences = (text: string): string =>
  text.replace(/```[\s\S]*?```/g, '(see `/bake log`)').trim() || '…';

/** Headline, stages and buttons: dropped last of all. */
const isKept = ({ type }: KnownBlock): boolean => type === 'header' || type === 'actions' || type === 'plan';

const withinCount = (blocks: KnownBlock[]): KnownBlock[] => {
  const surplus = blocks.length - limits.blocks;
  if (surplus <= 0) return blocks;
  let left = surplus;
  return blocks
    .toReversed()
    .filter((block) => isKept(block) || left-- <= 0)
    .toReversed()
    .slice(0, limits.blocks);
};

/** Halves the longest text until the sum fits: what is long is an output or a list, never a headline or a button. */
function withinSum(blocks: KnownBlock[]): KnownBlock[] {
  let now = blocks;
  while (sumOf(now) > limits.sum) {
    const longest = now.reduce((best, block, index) => (weight(block) > weight(now[best]) ? index : best), 0);
    const block = now[longest];
    const long = weight(block);
    now =
      block?.type === 'section' && block.text !== undefined && long > 200
        ? now.with(longest, {
            ...block,
            text: { ...block.text, text: clip(block.text.text, Math.ceil(long / 2)) },
          })
        : now.toSpliced(lastToDrop(now), 1);
  }
  return now;
}

const weight = (block: KnownBlock | undefined): number =>
  block?.type === 'section' ? (block.text?.text.length ?? 0) : 0;

/** The last block that is neither headline nor buttons; the last one at all when there is none. */
function lastToDrop(blocks: KnownBlock[]): number {
  const index = blocks.findLastIndex((block) => !isKept(block));
  const plan = blocks.findLastIndex(({ type }) => type === 'plan');
  return index !== -1 ? index : plan !== -1 ? plan : blocks.length - 1;
}

const sumOf = (blocks: KnownBlock[]): number => JSON.stringify(blocks).length;

function fitBlock(block: KnownBlock): KnownBlock | undefined {
  switch (block.type) {
    case 'header':
      return { ...block, text: { ...block.text, text: cut(block.text.text || '…', limits.header) } };
    case 'section': {
      if (block.text === undefined) return block;
      if (block.text.text === '') return undefined;
      const accessory = block.accessory?.type === 'button' ? fitButton(block.accessory) : block.accessory;
      const { accessory: _, ...rest } = block;
      return {
        ...rest,
        text: { ...block.text, text: clip(block.text.text, limits.section) },
        ...(accessory === undefined ? {} : { accessory }),
      };
    }
    case 'context': {
      const elements = block.elements
        .slice(0, limits.context)
        .filter((element) => element.type !== 'mrkdwn' || element.text !== '')
        .map((element) =>
          element.type === 'mrkdwn' ? { ...element, text: clip(element.text, 2000) } : element,
        );
      return elements.length === 0 ? undefined : { ...block, elements };
    }
    case 'actions': {
      const elements = block.elements.slice(0, limits.actions).flatMap((element) => {
        const fitted = element.type === 'button' ? fitButton(element) : element;
        return fitted === undefined ? [] : [fitted];
      });
      return elements.length === 0 ? undefined : { ...block, elements };
    }
    case 'plan':
      return { ...block, title: cut(block.title || '…', limits.planTitle) };
    default:
      return block;
  }
}

type Button = Extract<ActionsBlock['elements'][number], { type: 'button' }>;

/** A button whose value is too long would act on half an id: it is left out. */
function fitButton(button: Button): Button | undefined {
  if ((button.value?.length ?? 0) > limits.value || (button.action_id?.length ?? 0) > limits.id)
    return undefined;
  const { confirm } = button;
  return {
    ...button,
    text: { ...button.text, text: cut(button.text.text, limits.buttonText) },
    ...(button.accessibility_label === undefined
      ? {}
      : { accessibility_label: cut(button.accessibility_label, limits.buttonText) }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            ...confirm,
            ...(confirm.title === undefined
              ? {}
              : { title: { ...confirm.title, text: cut(confirm.title.text, limits.confirmTitle) } }),
            text: { ...confirm.text, text: clip(confirm.text.text, limits.confirmText) },
            ...(confirm.confirm === undefined
              ? {}
              : { confirm: { ...confirm.confirm, text: cut(confirm.confirm.text, limits.confirmButton) } }),
            ...(confirm.deny === undefined
              ? {}
              : { deny: { ...confirm.deny, text: cut(confirm.deny.text, limits.confirmButton) } }),
          },
        }),
  };
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const short = text.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(short) ? short.slice(0, -1) : short}…`;
}
