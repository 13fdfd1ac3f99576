import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { create } from 'tar';
import type { Package } from '../../src/pipeline/domain/image.ts';

/** Packs these files (path to content) into `folder/name` and describes it as a build would. */
export const tarOf = async (
  folder: string,
  files: Record<string, string>,
  name = 'package.tar',
): Promise<{ package: Package; packageFile: string }> => {
  const content = join(folder, 'content');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(content, path)), { recursive: true });
    writeFileSync(join(content, path), text);
  }
  const packageFile = join(folder, name);
  const gzip = name.endsWith('gz');
  await create(
    { file: packageFile, cwd: content, portable: true, mtime: new Date(0), gzip },
    Object.keys(files),
  );
  return { package: describe(packageFile), packageFile };
};

/** A file as a package. */
export const describe = (file: string): Package => ({
  digest: `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`,
  size: statSync(file).size,
  name: basename(file),
});
