import { selftestOn } from '../../contract/selftest.ts';

selftestOn('embedded', 'embedded');
