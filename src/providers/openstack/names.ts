import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Compute } from './compute.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const named = z.object({ id: z.string(), name: z.string().nullish() });
type Named = z.infer<typeof named>;

/** What a server of it takes: virtual CPUs, memory in MB, and its own disk in GB. */
const flavorSchema = z.object({
  id: z.string(),
  name: z.string(),
  vcpus: z.number(),
  ram: z.number(),
  disk: z.number(),
});
export type Flavor = z.infer<typeof flavorSchema>;

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

/** The ids behind the names that an installation uses. Each is asked for once. */
export class Names {
  readonly #session: Session;
  readonly #compute: Compute;
  readonly #known = new Map<string, Promise<string>>();
  readonly #flavors = new Map<string, Promise<Flavor>>();

  constructor(session: Session, compute: Compute) {
    this.#session = session;
    this.#compute = compute;
  }

  /** Throws `bad settings` for one without a disk: servers that boot from volumes are not offered. */
  async flavor(name: string, signal: AbortSignal): Promise<Flavor> {
    const asked = { path: '/flavors/detail', doing: 'list flavors' };
    const flavor = await once(this.#flavors, name, async () =>
      theOne('flavor', name, await this.#compute.list(asked, 'flavors', flavorSchema, signal)),
    );
    if (flavor.disk > 0) return flavor;
    throw new ProviderError(
      'bad settings',
      `The flavor ${name} has no disk of its own, and Bakery does not boot from volumes. Nothing was made; name one with a disk in bot.yaml.`,
    );
  }

  serverGroup(name: string, signal: AbortSignal): Promise<string> {
    if (uuid.test(name)) return Promise.resolve(name);
    const asked = { path: '/os-server-groups', doing: 'list server groups' };
    return this.#once(`server group ${name}`, async () =>
      idOf(theOne('server group', name, await this.#compute.list(asked, 'server_groups', named, signal))),
    );
  }

  network(name: string, signal: AbortSignal): Promise<string> {
    return this.#neutrons('network', 'networks', name, signal);
  }

  /** The names of those that servers may be put in now. */
  async zones(signal: AbortSignal): Promise<string[]> {
    const zone = z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) });
    const schema = z.object({ availabilityZoneInfo: z.array(zone) });
    const asked = { path: '/os-availability-zone', doing: 'list zones' };
    const { availabilityZoneInfo: all } = await this.#compute.ask(asked, schema, signal);
    return all.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName);
  }

  async keyPair(name: string, signal: AbortSignal): Promise<string> {
    const path = `/os-keypairs/${encodeURIComponent(name)}`;
    const schema = z.object({ keypair: z.object({ fingerprint: z.string() }) });
    const asked = { path, doing: `look at the key pair ${name}` };
    return (await this.#compute.ask(asked, schema, signal)).keypair.fingerprint;
  }

  port(name: string, signal: AbortSignal): Promise<string> {
    return this.#neutrons('port', 'ports', name, signal);
  }

  securityGroup(name: string, signal: AbortSignal): Promise<string> {
    return this.#neutrons('security group', 'security-groups', name, signal);
  }

  #neutrons(what: string, plural: string, name: string, signal: AbortSignal): Promise<string> {
    if (uuid.test(name)) return Promise.resolve(name);
    const path = `/${plural}?name=${encodeURIComponent(name)}`;
    const asked = { service: 'network', path, doing: `list ${what}s` } as const;
    const items = plural.replaceAll('-', '_');
    return this.#once(`${what} ${name}`, async () =>
      idOf(theOne(what, name, await everyItem(this.#session, asked, items, named, signal))),
    );
  }

  #once(key: string, look: () => Promise<string>): Promise<string> {
    return once(this.#known, key, look);
  }
}

async function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  look: () => Promise<Value>,
): Promise<Value> {
  const found = known.get(key) ?? look();
  known.set(key, found);
  try {
    return await found;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

const idOf = ({ id }: Named): string => id;

/** Throws `bad settings` unless exactly one has it as its id or its name. */
function theOne<Item extends Named>(what: string, name: string, found: Item[]): Item {
  const byId = found.find(({ id }) => id === name);
  const byName = found.filter((one) => one.name === name);
  const [first, second] = byId === undefined ? byName : [byId];
  if (first === undefined)
    throw new ProviderError(
      'bad settings',
      `The project has no ${what} ${name}. Nothing was made; correct the provider in bot.yaml.`,
    );
  if (second !== undefined)
    throw new ProviderError(
      'bad settings',
      `The project has more than one ${what} ${name}. Nothing was made; name it by its id in bot.yaml.`,
    );
  return first;
}
