import type { ProviderSettings } from '../config/providers/index.ts';
import type { Provider } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import { localProvider } from '../providers/local/index.ts';
import { openStackProvider } from '../providers/openstack/index.ts';
import { openAws } from './aws.ts';
import { openDocker } from './docker.ts';

/** The clouds of the configuration, by the names that services call them. `workers`: how many there are that ask them. */
export function openProviders(
  settings: ReadonlyMap<string, ProviderSettings>,
  store: Store,
  workers: () => number = () => 1,
): Map<string, Provider> {
  return new Map([...settings].map(([name, made]) => [name, open(name, made, store, workers)]));
}

function open(name: string, made: ProviderSettings, store: Store, workers: () => number): Provider {
  switch (made.kind) {
    case 'local':
      return localProvider({ root: made.root, keep: (text) => store.put(text), now: Date.now });
    case 'docker':
      return openDocker(name, made, store);
    case 'openstack':
      return openStackProvider(name, {
        ...made,
        keep: async (text) => (await store.put(text)).digest,
        now: Date.now,
      });
    case 'aws':
      return openAws(name, made, store, workers);
  }
}
