import { vi } from 'vitest';
import { providerContract } from '../../contract/provider.ts';
import { providerRig } from './account.ts';

// Each of them boots two machines and more.
vi.setConfig({ testTimeout: 180_000 });

providerContract('AWS', () => providerRig());
