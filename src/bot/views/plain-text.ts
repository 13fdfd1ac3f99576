import type { KnownBlock } from '@slack/types';
import type { Drawn } from './drawn.ts';

/** A drawing as lines for a terminal: what its blocks say, and its buttons by name. */
export function plainText({ blocks, text }: Drawn): string[] {
  const lines = blocks.flatMap(blockLines).filter((line) => line.trim() !== '');
  return lines.length === 0 ? unmarked(text).split('\n') : lines;
}

const signs: Record<string, string> = { pending: '[ ]', in_progress: '[>]', complete: '[x]', error: '[!]' };

function blockLines(block: KnownBlock): string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text];
    case 'section':
      return [block.text, ...(block.fields ?? [])].flatMap((part) =>
        part === undefined ? [] : unmarked(part.text).split('\n'),
      );
    case 'plan':
      return [
        block.title,
        ...(block.tasks ?? []).map((task) => `  ${signs[String(task.status)] ?? '-'} ${String(task.title)}`),
      ];
    case 'context':
      return [
        block.elements
          .flatMap((part) => ('text' in part && typeof part.text === 'string' ? [unmarked(part.text)] : []))
          .join('  '),
      ];
    case 'actions': {
      const labels = block.elements.flatMap((part) => (part.type === 'button' ? [part.text.text] : []));
      return labels.length === 0 ? [] : [`In Slack: ${labels.map((label) => `[${label}]`).join(' ')}`];
    }
    default:
      return [];
  }
}

/** Slack's mrkdwn without its marks: mentions by id, links by label, dates by their fallback. */
function unmarked(mrkdwn: string): string {
  return mrkdwn
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<([@#])([A-Z0-9]+)(?:\|[^>]*)?>/g, '$1$2')
    .replace(/<([^|>]+)\|([^>]*)>/g, '$2 ($1)')
    .replace(/<([^>]+)>/g, '$1')
    .replace(/```\n?/g, '')
    .replace(/(^|[\s(])\*([^*\n]+)\*/g, '$1$2')
    .replace(/`([^`\n]+)`/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
