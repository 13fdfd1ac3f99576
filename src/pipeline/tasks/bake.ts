import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Recipe } from '../domain/service-file.ts';
import { ProviderError } from '../provider.ts';
import type { Task, TaskTools } from './contract.ts';
import { inScratch } from './scratch.ts';
import { waiting } from './waiting.ts';

/** The recipe's own files, by their path in the image. */
const fetchFiles = async (
  recipe: Recipe,
  scratch: string,
  { store }: TaskTools,
): Promise<Map<string, string>> => {
  const folder = join(scratch, 'recipe-files');
  await mkdir(folder);
  const files = new Map<string, string>();
  for (const [index, { path, from, digest }] of (recipe.files ?? []).entries()) {
    if (digest === undefined)
      throw new ProviderError(
        'bad service file',
        `The build kept no bytes of ${from}. Nothing was baked; bake the commit again.`,
      );
    const file = join(folder, String(index));
    await store.fetch(digest, file);
    files.set(path, file);
  }
  return files;
};

/** Brings the package from the store and has the provider make its image, or find it. */
export const bake: Task<'bake'> = {
  kind: 'bake',
  run: (input, tools, call) =>
    inScratch(tools.scratch, 'bake the image', async (scratch) => {
      call.progress('fetching the package');
      const packageFile = join(scratch, basename(input.package.name) || 'package');
      await tools.store.fetch(input.package.digest, packageFile);
      const { package: made, recipe, sha, mark } = input;
      const files = await fetchFiles(recipe, scratch, tools);
      call.progress('making the image');
      const reply = await tools
        .provider(input.provider)
        .bake({ package: made, packageFile, recipe, files, sha, mark }, call);
      if (!reply.ready) return waiting(reply);
      call.log(`${reply.value.reused ? 'took' : 'made'} ${reply.value.id} (${reply.value.digest})`);
      // By the name that the installation gives this provider, under which it is asked again.
      return { is: 'done', result: { image: { ...reply.value, provider: input.provider } } };
    }),
};
