import { setTimeout as pause } from 'node:timers/promises';
import { localProvider } from '../../../src/providers/local/index.ts';
import type { ProviderRig } from '../../contract/provider.ts';
import { services, start } from '../../support/bakery-services.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** This machine as a cloud, in a folder of one test. */
export const localRig = async (): Promise<ProviderRig> => {
  const root = tempFolder();
  const provider = () => localProvider({ root, keep: async () => {}, now: Date.now });
  return {
    provider: provider(),
    another: provider,
    package: (content) => tarOf(tempFolder(), { ...services, 'content.txt': content }),
    start,
    base: '',
    wait: async (ms) => {
      await pause(ms);
    },
  };
};
