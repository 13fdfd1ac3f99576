import { secretOf } from '../../../src/composition/secrets.ts';
import { migratingContract } from '../../contract/migrating.ts';
import { localRig } from './local-rig.ts';

process.env.HELLO_PASSWORD = 'open sesame';

migratingContract(
  'this machine',
  async () => ({
    ...(await localRig()),
    host: '127.0.0.1',
    reference: 'env:HELLO_PASSWORD',
    tools: { secret: secretOf },
    patience: 20_000,
  }),
  20_000,
);
