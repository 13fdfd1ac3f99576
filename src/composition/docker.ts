import type { Config } from '../config/config.ts';
import type { DockerProviderSettings } from '../config/providers/docker.ts';
import type { Builder } from '../pipeline/builder.ts';
import type { Commands } from '../pipeline/commands.ts';
import type { Provider } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';
import { dockerBuilder } from '../providers/docker/builds/index.ts';
import { dockerProvider } from '../providers/docker/index.ts';
import type { RegistrySettings } from '../providers/docker/settings.ts';
import { secretOf } from './secrets.ts';

/** A provider of kind `docker`, whose manifests go to the store. */
export function openDocker(name: string, made: DockerProviderSettings, store: Store): Provider {
  const { engines, network, ports, limits } = made;
  const registry = registryOf(made);
  return dockerProvider(name, {
    engines,
    network,
    ports,
    limits,
    ...(registry === undefined ? {} : { registry }),
    keep: async (text) => (await store.put(text)).digest,
    now: Date.now,
  });
}

/** Where builds run that name a builder image: the first engine of the provider that `worker.builds` names. */
export function openBuilder({ worker, providers }: Config, commands: Commands): Builder | undefined {
  if (worker.builds === undefined) return undefined;
  const { provider: name, ...builds } = worker.builds;
  const provider = providers.get(name);
  if (provider?.kind !== 'docker') return undefined;
  const [engine] = Object.values(provider.engines);
  if (engine === undefined) return undefined;
  return dockerBuilder({ ...builds, engine, registry: registryOf(provider), now: Date.now }, commands);
}

function registryOf({ registry }: DockerProviderSettings): RegistrySettings | undefined {
  if (registry === undefined) return undefined;
  const { password } = registry;
  return { ...registry, password: password === undefined ? undefined : () => secretOf(password) };
}
