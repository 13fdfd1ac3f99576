import * as z from 'zod';
import type { Recipe } from '../pipeline/domain/service-file.ts';
import { argv, hasControl, insidePath } from './fields.ts';
import { named, strict } from './strict.ts';

const kind = 'bakery.yaml';

const packageName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._:~=-]{0,127}$/, {
  error: 'must be the name of an OS package, like `curl` or `curl=7.88`; correct it.',
});

/** An image's name as engines and registries know it, with a tag or a digest. */
export const imageName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/, {
    error: "must be an image's name, like node:22-bookworm; correct it.",
  });

/** A path in the image: absolute, plain, and of a file. */
export const imagePath = z
  .string()
  .max(1024)
  .refine((path) => /^(\/[^/]+)+$/.test(path) && !hasControl(path) && !/\/\.{1,2}(\/|$)/.test(path), {
    error: 'must be an absolute path in the image, like /etc/hello.conf; correct it.',
  });

const imageFile = strict(kind, {
  from: insidePath,
  mode: z
    .string({ error: 'must be octal in quotes, like "0644".' })
    .regex(/^0?[0-7]{3}$/, { error: 'must be octal in quotes, like "0644".' })
    .default('0644'),
});

/** How the image is made, for every kind of provider: what one cannot do, it refuses at the bake with a sentence. */
export const recipeFile = strict(kind, {
  base: z
    .string()
    .max(255)
    .regex(/^(?:[A-Za-z0-9][A-Za-z0-9._/:@*=,-]*)?$/, {
      error: "must be a base in the provider's words, like debian:bookworm, or empty; correct it.",
    })
    .default(''),
  packages: z.array(packageName).max(500).default([]),
  files: named(imagePath, imageFile).default({}),
  dockerfile: insidePath.optional(),
  user: z
    .string()
    .regex(/^(?:[a-z_][a-z0-9_-]{0,31}|[0-9]{1,9})$/, {
      error: "must be an account's name or number, in quotes; correct it.",
    })
    .optional(),
  start: argv.optional(),
})
  .refine((made) => made.dockerfile !== undefined || made.start !== undefined, {
    path: ['start'],
    error: 'is missing; add what runs in an instance, like [node, server.js].',
  })
  .refine(
    ({ dockerfile, base, packages, files, user }) =>
      dockerfile === undefined ||
      (base === '' && packages.length === 0 && Object.keys(files).length === 0 && user === undefined),
    {
      path: ['dockerfile'],
      error:
        'says by itself what is in the image: leave out `base`, `packages`, `files` and `user`, or leave out `dockerfile`.',
    },
  );

/** What is not given is left out, so that a recipe without it has the digest that it always had. */
export function toRecipe(made: z.output<typeof recipeFile>): Recipe {
  const { base, packages, start = [], files, user, dockerfile } = made;
  const list = Object.entries(files).map(([path, { from, mode }]) => ({
    path,
    from,
    mode: Number.parseInt(mode, 8),
  }));
  return {
    base,
    packages,
    start,
    ...(list.length === 0 ? {} : { files: list }),
    ...(user === undefined ? {} : { user }),
    ...(dockerfile === undefined ? {} : { dockerfile }),
  };
}
