import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from './checkout.ts';

/** The environment of a service's commands, with folders of its own below the attempt's scratch folder. */
export const commandEnvironment = async (
  scratch: string,
  checkout: Checkout,
): Promise<Record<string, string>> => {
  const folders = {
    HOME: join(scratch, 'home'),
    TMPDIR: join(scratch, 'tmp'),
    npm_config_cache: join(scratch, 'npm'),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  return { ...folders, CI: 'true', SOURCE_DATE_EPOCH: checkout.commitTime };
};
