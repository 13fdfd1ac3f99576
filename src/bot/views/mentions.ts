import type { Drawn } from './drawn.ts';
import { escaped } from './format.ts';
import { withinLimits } from './limits.ts';

const mention = /<@([UW][A-Z0-9]{1,30})>/g;

/** The people that a drawing mentions. */
export function mentioned({ text, blocks }: Drawn): string[] {
  return [...new Set([...`${text}${JSON.stringify(blocks)}`.matchAll(mention)].map(([, id]) => id ?? ''))];
}

/**
 * Names people instead of mentioning them, but for those who must act: a post notifies everybody whom it mentions.
 * Who has no known name stays a mention.
 * Names can be longer than mentions, so the drawing is fitted to Slack's limits again.
 */
export function withNames<D extends Drawn>(drawing: D, names: ReadonlyMap<string, string>): D {
  const keep = new Set(drawing.mentions ?? []);
  const put = (text: string, asJson: boolean): string =>
    text.replace(mention, (whole, id: string) => {
      const name = keep.has(id) ? undefined : names.get(id);
      if (name === undefined) return whole;
      return asJson ? JSON.stringify(escaped(name)).slice(1, -1) : escaped(name);
    });
  return withinLimits({
    ...drawing,
    text: put(drawing.text, false),
    // A drawing is plain JSON, and stays one of the same shape.
    blocks: JSON.parse(put(JSON.stringify(drawing.blocks), true)) as D['blocks'],
  });
}
