import { selftestOn } from '../../contract/selftest.ts';
import { fromRig } from '../../support/rig.ts';

selftestOn('postgres', fromRig('BAKERY_TEST_POSTGRES_URL'));
