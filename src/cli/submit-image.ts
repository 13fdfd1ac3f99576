import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { ProviderError } from '../pipeline/provider.ts';

/** By digest alone: a tag may be another image tomorrow. */
const byDigest =
  /^[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[0-9a-f]{64}$/;

/**
 * Makes the package that stands for an image which an outside CI has pushed: the context of a Dockerfile that begins with it, and
 * does nothing else. The same image gives the same package. Throws ProviderError `no package`.
 */
export async function withPackageOf<Value>(
  image: string,
  work: (file: string) => Promise<Value>,
): Promise<Value> {
  if (!byDigest.test(image))
    throw new ProviderError(
      'no package',
      `${image.slice(0, 200)} names no image by its digest, like registry.example.com/acme/hello@sha256:…. Nothing was handed over.`,
    );
  const folder = await mkdtemp(join(tmpdir(), 'bakery-submit-'));
  try {
    await writeFile(join(folder, 'Dockerfile'), `FROM ${image}\n`, { mode: 0o644 });
    const file = join(folder, 'image.tar');
    await create({ cwd: folder, file, portable: true, mtime: new Date(0) }, ['Dockerfile']);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
