import { openCloud } from '../../../src/providers/openstack/open.ts';
import { fromRig } from '../../support/rig.ts';

/** What an account of the rig's cloud has in its environment, as after `source openrc`. */
export const openrc = (name = 'demo', password = 'secret') => ({
  OS_AUTH_URL: `${fromRig('BAKERY_TEST_OPENSTACK_IDENTITY')}/v3`,
  OS_USERNAME: name,
  OS_PASSWORD: password,
  OS_PROJECT_NAME: name,
  OS_DEFAULT_DOMAIN: 'default',
  OS_REGION_NAME: 'RegionOne',
});

/** The cloud that these variables name, whatever files this machine has. */
export const cloudOf = (env: Record<string, string>) =>
  openCloud({ env: { HOME: '/none', ...env }, read: () => undefined });
