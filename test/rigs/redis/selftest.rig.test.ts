import { selftestOn } from '../../contract/selftest.ts';
import { fromRig } from '../../support/rig.ts';

selftestOn('redis', fromRig('BAKERY_TEST_REDIS_URL'));
