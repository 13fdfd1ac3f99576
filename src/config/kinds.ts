import type * as z from 'zod';
import { nearest } from './nearest.ts';

/** The sentence for a `kind` that is none of these. */
export const oneKindOf =
  (...kinds: string[]) =>
  (issue: z.core.$ZodRawIssue): string | undefined => {
    if (issue.code !== 'invalid_union') return undefined;
    const given = issue.input;
    const kind = typeof given === 'object' && given !== null && 'kind' in given ? given.kind : undefined;
    const meant = typeof kind === 'string' ? nearest(kind, kinds) : undefined;
    const list = kinds.map((one) => `\`${one}\``).join(', ');
    return `must be one of ${list}${meant === undefined ? '.' : `; did you mean \`${meant}\`?`}`;
  };
