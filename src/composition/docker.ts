import type { DockerProviderSettings } from '../config/providers/docker.ts';
import type { Provider } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import { dockerProvider } from '../providers/docker/index.ts';
import { secretOf } from './secrets.ts';

/** A provider of kind `docker`, whose manifests go to the store. */
export function openDocker(name: string, made: DockerProviderSettings, store: Store): Provider {
  const { engines, registry, network, ports, limits } = made;
  const password = registry?.password;
  return dockerProvider(name, {
    engines,
    network,
    ports,
    limits,
    ...(registry === undefined
      ? {}
      : {
          registry: {
            ...registry,
            password: password === undefined ? undefined : () => secretOf(password),
          },
        }),
    keep: async (text) => (await store.put(text)).digest,
    now: Date.now,
  });
}
