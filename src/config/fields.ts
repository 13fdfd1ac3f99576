import * as z from 'zod';
import type { Millis } from '../pipeline/domain/time.ts';

const units: Record<string, Millis> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationText = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
const longest: Millis = 30 * 86_400_000;

/** Milliseconds of `30s`, `5m`, `2h`, `1d` or `500ms`; undefined when it is not such a text or over 30 days. */
export function parseDuration(text: string): Millis | undefined {
  const [, count, unit] = durationText.exec(text) ?? [];
  const millis = Math.round(Number(count) * (units[unit ?? ''] ?? Number.NaN));
  return millis >= 0 && millis <= longest ? millis : undefined;
}

/** A duration in a file; milliseconds in the program. */
export const duration = z
  .string({ error: 'must be a duration with its unit, like 500ms, 30s, 5m, 2h or 1d.' })
  .regex(durationText, {
    error: 'must be a duration with its unit, like 500ms, 30s, 5m, 2h or 1d.',
    abort: true,
  })
  .transform((text, context): Millis => {
    const millis = parseDuration(text);
    if (millis === undefined)
      context.issues.push({ code: 'custom', input: text, message: 'must be at most 30d.' });
    return millis ?? 0;
  });

/** A duration that may not be zero: a limit of something. */
export const limit = duration.refine((millis) => millis > 0, {
  error: 'must be longer than 0; give it a time.',
});

/** How long something is kept: whole days, at most ten years. */
export const age = z
  .string({ error: 'must be a number of days, like 30d.' })
  .regex(/^\d{1,4}d$/, { error: 'must be a number of days, like 30d.', abort: true })
  .transform((text) => Number(text.slice(0, -1)))
  .refine((days) => days <= 3650, { error: 'must be at most 3650d.' })
  .transform((days): Millis => days * 86_400_000);

/** An argument list. */
export const argv = z
  .array(
    z
      .string()
      .max(8192)
      .refine((word) => !word.includes('\0'), { error: 'may not hold a NUL character; remove it.' }),
    {
      error:
        'must be an argument list, like [npm, test]: Bakery never runs a shell line; split it into its words.',
    },
  )
  .min(1, { error: 'must hold at least the program; write it, like [npm, test].' })
  .max(256)
  .refine((words) => words[0] !== '', { error: 'must begin with the program; write it, like [npm, test].' });

/** A path inside a checkout: relative, and not above it. */
export const insidePath = z
  .string()
  .min(1)
  .max(1024)
  .refine(isInside, { error: 'must be a relative path inside the repository, without `..`; correct it.' });

function isInside(path: string): boolean {
  return (
    !path.startsWith('/') && !path.includes('\\') && !hasControl(path) && !path.split('/').includes('..')
  );
}

/** Whether a text holds a control character. */
export const hasControl = (text: string): boolean => /\p{Cc}/u.test(text);

/** The path of an HTTP request. */
export const urlPath = z
  .string()
  .max(2048)
  .regex(/^\/(?!\/)[\x21-\x22\x24-\x7e]*$/, {
    error: 'must be the path of a URL, beginning with one `/`, without spaces or `#`; correct it.',
  });

/** The name of an environment variable that a service may use for itself. */
export const variableName = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]{0,127}$/, {
    error: 'is not a variable name: use capitals, digits and underscores, like GREETING.',
  })
  .refine((name) => !isReservedVariable(name), {
    error: 'is a name that Bakery sets itself; choose another one than PORT, PATH, HOME or BAKERY_….',
  });

const isReservedVariable = (name: string): boolean =>
  ['PORT', 'PATH', 'HOME', 'TMPDIR', 'LANG'].includes(name) || name.startsWith('BAKERY_');

/** Names of services, environments, providers, suites: short, lower case. */
export const namePattern = /^[a-z][a-z0-9-]{0,39}$/;
export const name = z.string().regex(namePattern, {
  error: 'must be lower-case letters, digits and dashes, beginning with a letter, at most 40 characters.',
});

const person = z.string().regex(/^(?:\*|T[A-Z0-9]{1,30}\/[UWSCG][A-Z0-9]{1,30})$/, {
  error:
    "must be team/id in Slack's ids: a person T0123/U0456, a user group T0123/S0456, a channel T0123/C0456, or '*' for every full member; correct it.",
});

/** Who has a right. */
export const people = z.array(person).max(1000);

/** A channel by its id. */
export const channel = z.string().regex(/^[CGD][A-Z0-9]{2,30}$/, {
  error:
    "must be a channel's id, like C0123ABCDEF; it stands at the bottom of the channel's details in Slack.",
});
