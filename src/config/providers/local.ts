import { resolve } from 'node:path';
import * as z from 'zod';
import { path } from '../place-fields.ts';
import { strict } from '../strict.ts';

/** A provider of kind `local`, as it stands in bot.yaml: processes of this machine below one folder. */
export const localProviderFile = strict('bot.yaml', {
  kind: z.literal('local'),
  root: path,
  allowProduction: z.boolean().default(false),
});

/** The same, checked. `root` is absolute. */
export type LocalProviderSettings = z.output<typeof localProviderFile>;

export const toLocalProvider = (made: LocalProviderSettings, dir: string): LocalProviderSettings => ({
  ...made,
  root: resolve(dir, made.root),
});
