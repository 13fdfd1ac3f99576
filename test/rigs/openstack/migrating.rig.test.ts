import { secretOf } from '../../../src/composition/secrets.ts';
import { migratingContract } from '../../contract/migrating.ts';
import { hostOfServers, providerRig } from './openstack-world.ts';

process.env.HELLO_PASSWORD = 'open sesame';

migratingContract(
  'an OpenStack cloud',
  async () => ({
    ...(await providerRig()),
    host: hostOfServers(),
    reference: 'env:HELLO_PASSWORD',
    tools: { secret: secretOf },
    patience: 120_000,
  }),
  240_000,
);
