import { setTimeout as pause } from 'node:timers/promises';
import { secretOf } from '../../../src/composition/secrets.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { migratingContract } from '../../contract/migrating.ts';
import { services, start } from '../../support/bakery-services.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

process.env.HELLO_PASSWORD = 'open sesame';

migratingContract(
  'this machine',
  async () => {
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
      host: '127.0.0.1',
      secret: { reference: 'env:HELLO_PASSWORD', value: 'open sesame' },
      tools: { secret: secretOf },
      patience: 20_000,
    };
  },
  20_000,
);
