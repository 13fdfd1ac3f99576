import { SlackRefusal } from '../errors.ts';
import { asFields, isFields, parseJson, text } from '../fields.ts';
import { shortId } from '../ids.ts';
import type { Block, Fields } from '../types.ts';
import { BLOCKS_SUM_LIMIT, blockProblems } from './blocks.ts';

const POSTED_TEXT = 40_000;
const UPDATED_TEXT = 4000;
const MARKDOWN_TEXT = 12_000;

/** What a message shows, checked. */
export interface Content {
  readonly text: string;
  readonly blocks?: readonly Block[];
}

/**
 * Reads `text`, `markdown_text` and `blocks` and checks them with Slack's limits.
 * @throws SlackRefusal `no_text`, `msg_too_long`, `invalid_blocks_format`, `invalid_blocks`, `msg_blocks_too_long`,
 *   `markdown_text_conflict`.
 */
export function messageContent(args: Fields, how: 'post' | 'update'): Content {
  const given = text(args, 'text') ?? '';
  const markdown = text(args, 'markdown_text');
  const blocks = readBlocks(args.blocks);
  if (markdown !== undefined) {
    if (given !== '' || blocks !== undefined) throw new SlackRefusal('markdown_text_conflict');
    if (markdown.length > MARKDOWN_TEXT) throw new SlackRefusal('msg_too_long');
    return { text: markdown, blocks: withIds([{ type: 'markdown', text: markdown }]) };
  }
  if (how === 'update' && given.length > UPDATED_TEXT) throw new SlackRefusal('msg_too_long');
  const hasOther = Array.isArray(args.attachments) || Array.isArray(args.files);
  if (given === '' && (blocks === undefined || blocks.length === 0) && !hasOther)
    throw new SlackRefusal('no_text');
  return {
    text: given.slice(0, POSTED_TEXT),
    ...(blocks !== undefined && blocks.length > 0 ? { blocks: withIds(blocks) } : {}),
  };
}

/** Fills in the block and action ids that were left out, as Slack does. */
export function withIds(blocks: readonly Block[]): Block[] {
  const named = (element: unknown): unknown =>
    isFields(element) &&
    typeof element.type === 'string' &&
    element.action_id === undefined &&
    isInteractive(element.type)
      ? { ...element, action_id: shortId() }
      : element;
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? shortId(),
    ...(block.accessory === undefined ? {} : { accessory: named(block.accessory) }),
    ...(block.element === undefined ? {} : { element: named(block.element) }),
    ...(block.type === 'actions' && Array.isArray(block.elements)
      ? { elements: block.elements.map(named) }
      : {}),
  }));
}

/** Reads `metadata`; Slack keeps an event type and a payload and nothing else. */
export function messageMetadata(args: Fields): Fields | undefined {
  const raw = typeof args.metadata === 'string' ? parseJson(args.metadata) : args.metadata;
  if (raw === undefined || raw === '') return undefined;
  const metadata = asFields(raw);
  if (typeof metadata.event_type !== 'string' || !isFields(metadata.event_payload)) {
    throw new SlackRefusal('invalid_metadata_format');
  }
  return { event_type: metadata.event_type, event_payload: metadata.event_payload };
}

function isInteractive(type: string): boolean {
  return type !== 'image' && type !== 'mrkdwn' && type !== 'plain_text';
}

function readBlocks(given: unknown): Block[] | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const blocks = typeof given === 'string' ? parseJson(given) : given;
  if (!Array.isArray(blocks)) throw new SlackRefusal('invalid_blocks_format');
  const messages = blockProblems(blocks, 'message');
  if (messages.length > 0)
    throw new SlackRefusal('invalid_blocks', { errors: messages, response_metadata: { messages } });
  if (JSON.stringify(blocks).length > BLOCKS_SUM_LIMIT) throw new SlackRefusal('msg_blocks_too_long');
  // blockProblems just made sure that each is an object with a type that Slack knows.
  return blocks as Block[];
}
