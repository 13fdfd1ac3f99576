import { basename, join } from 'node:path';
import type { Task } from './contract.ts';
import { inScratch } from './scratch.ts';
import { waiting } from './waiting.ts';

/** Brings the package from the store and has the provider make its image, or find it. */
export const bake: Task<'bake'> = {
  kind: 'bake',
  run: (input, tools, call) =>
    inScratch(tools.scratch, 'bake the image', async (scratch) => {
      call.progress('fetching the package');
      const packageFile = join(scratch, basename(input.package.name) || 'package');
      await tools.store.fetch(input.package.digest, packageFile);
      call.progress('making the image');
      const { package: made, recipe, sha, mark } = input;
      const reply = await tools
        .provider(input.provider)
        .bake({ package: made, packageFile, recipe, sha, mark }, call);
      if (!reply.ready) return waiting(reply);
      call.log(`${reply.value.reused ? 'took' : 'made'} ${reply.value.id} (${reply.value.digest})`);
      return { is: 'done', result: { image: reply.value } };
    }),
};
