import * as z from 'zod';

/** What the command line and a running bot say to each other. */
export const saidSchema = z.object({
  /** For a terminal. */
  text: z.string(),
  refused: z.boolean(),
  /** What was begun, to be followed. */
  about: z
    .union([z.object({ service: z.string(), version: z.number() }), z.object({ deployment: z.string() })])
    .optional(),
});
export type Said = z.infer<typeof saidSchema>;

export const cardSchema = z.object({
  lines: z.array(z.string()),
  /** Something on it runs. */
  moving: z.boolean(),
  needsPerson: z.boolean(),
  failed: z.boolean(),
});
export type Card = z.infer<typeof cardSchema>;
