import * as z from 'zod';
import { name } from './fields.ts';
import { memory } from './place-fields.ts';
import { strict } from './strict.ts';

const kind = 'bot.yaml';

const pattern = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9*][A-Za-z0-9._/:@*-]*$/, {
    error: 'must be the name of an image, in which * stands for any text, like node:22-*; correct it.',
  });

/** Where builds run that name a builder image in bakery.yaml, which images those may be, and what a build may use. */
export const buildsFile = strict(kind, {
  provider: name,
  images: z
    .array(pattern, { error: 'must be a list of images, like [node:22-bookworm]; correct it.' })
    .min(1, { error: 'allows no image; name one, like node:22-bookworm.' })
    .max(200),
  limits: strict(kind, {
    memory: memory.prefault('2g'),
    cpus: z.number().min(0.05).max(512).default(2),
    pids: z.int().min(16).max(100_000).default(2048),
  }).prefault({}),
  network: name.default('bakery-build'),
  only: z.boolean().default(false),
});

export type BuildsSettings = z.output<typeof buildsFile>;
