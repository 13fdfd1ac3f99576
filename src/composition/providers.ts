import type { ProviderSettings } from '../config/providers/index.ts';
import type { Provider } from '../pipeline/provider.ts';
import { localProvider } from '../providers/local/index.ts';

/** The clouds of the configuration, by the names that services call them. */
export function openProviders(settings: ReadonlyMap<string, ProviderSettings>): Map<string, Provider> {
  return new Map([...settings].map(([name, made]) => [name, open(made)]));
}

function open(made: ProviderSettings): Provider {
  switch (made.kind) {
    case 'local':
      return localProvider({ root: made.root, now: Date.now });
  }
}
