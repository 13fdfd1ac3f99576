import * as z from 'zod';
import { belongsIn, type FileKind } from './belongs.ts';
import { nearest } from './nearest.ts';
import { looksLikeSecret } from './secret-look.ts';

/** One sentence about a key that has no place here: where it belongs, or which key was meant. */
function unknownKey(key: string, known: readonly string[], kind: FileKind): string {
  const shown = looksLikeSecret(key) ? 'What stands here' : `\`${key.slice(0, 60)}\``;
  const elsewhere = belongsIn(key, kind);
  if (elsewhere !== undefined)
    return `${shown} is not a key here: it belongs in ${elsewhere}; move it there.`;
  const meant = nearest(key, known);
  if (meant !== undefined) return `${shown} is not a key here; did you mean \`${meant}\`?`;
  return `${shown} is not a key here; the keys are ${known.map((name) => `\`${name}\``).join(', ')}.`;
}

/**
 * An object in which each unknown key is an error. The message holds one line per unknown key, in their order,
 * so that each can be told with the line it stands on.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(kind: FileKind, shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known, kind)).join('\n')
        : undefined,
  });
}

/**
 * A map from names to values. Unlike a plain record it still checks the values under a bad name, so that all
 * problems are told at once.
 */
export function named<Value extends z.ZodType>(name: z.ZodType<string>, value: Value) {
  const propertyNames = z.toJSONSchema(name, { io: 'input' });
  delete propertyNames.$schema;
  return z
    .record(z.string(), value)
    .superRefine(
      (map, context) => {
        for (const key of Object.keys(map)) {
          const [issue] = name.safeParse(key).error?.issues ?? [];
          if (issue !== undefined) context.addIssue({ code: 'custom', path: [key], message: issue.message });
        }
      },
      { when: ({ value: map }) => typeof map === 'object' && map !== null },
    )
    .meta({ propertyNames });
}
