import { providerContract } from '../../contract/provider.ts';
import { providerRig } from './account.ts';

providerContract('AWS', () => providerRig());
