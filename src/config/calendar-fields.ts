import * as z from 'zod';
import type { FileKind } from './belongs.ts';
import { scheduleProblem } from './calendar.ts';
import { duration, name } from './fields.ts';
import { named, strict } from './strict.ts';

const zone = z.string().max(64).default('UTC');
const moment = z.string().min(1).max(100);

/** Adds a problem for each key whose moment cannot be read in the zone. */
function checkMoments<Shape extends { zone: string }>(keys: readonly (keyof Shape & string)[]) {
  return (made: Shape, context: z.core.$RefinementCtx<Shape>): void => {
    for (const key of keys) {
      const problem = scheduleProblem(String(made[key]), made.zone);
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [key], message: problem });
    }
  };
}

const window = strict('bot.yaml', {
  from: moment,
  to: moment,
  zone,
  services: z.array(name).min(1).max(1000).optional(),
  environments: z.array(name).min(1).max(100).optional(),
}).superRefine(checkMoments(['from', 'to']));

/** Times in which nothing new goes where people have to agree. */
export const freezes = named(name, window).default({});

/** When people are reminded. */
export const reminders = (kind: FileKind) =>
  strict(kind, { during: moment, zone }).superRefine(checkMoments(['during']));

/** Where the newest hash of the ledger is written down outside of it, and how often. */
export const anchors = strict('bot.yaml', {
  file: z.string().min(1).max(1024).optional(),
  channel: z
    .string()
    .regex(/^[CGD][A-Z0-9]{2,30}$/, { error: "must be a channel's id, like C0123ABCDEF." })
    .optional(),
  every: duration
    .refine((millis) => millis >= 60_000, { error: 'must be at least 1m; correct it.' })
    .prefault('1h'),
});
