import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Compute } from './compute.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const named = z.object({ id: z.string(), name: z.string().nullish() });
type Named = z.infer<typeof named>;

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

/** The ids behind the names that an installation uses. Each is asked for once. */
export class Names {
  readonly #session: Session;
  readonly #compute: Compute;
  readonly #known = new Map<string, Promise<string>>();

  constructor(session: Session, compute: Compute) {
    this.#session = session;
    this.#compute = compute;
  }

  flavor(name: string, signal: AbortSignal): Promise<string> {
    const asked = { path: '/flavors', doing: 'list flavors' };
    return this.#once(`flavor ${name}`, async () =>
      theOne('flavor', name, await this.#compute.list(asked, 'flavors', named, signal)),
    );
  }

  serverGroup(name: string, signal: AbortSignal): Promise<string> {
    if (uuid.test(name)) return Promise.resolve(name);
    const asked = { path: '/os-server-groups', doing: 'list server groups' };
    return this.#once(`server group ${name}`, async () =>
      theOne('server group', name, await this.#compute.list(asked, 'server_groups', named, signal)),
    );
  }

  network(name: string, signal: AbortSignal): Promise<string> {
    if (uuid.test(name)) return Promise.resolve(name);
    const path = `/networks?name=${encodeURIComponent(name)}`;
    const asked = { service: 'network', path, doing: 'list networks' } as const;
    return this.#once(`network ${name}`, async () =>
      theOne('network', name, await everyItem(this.#session, asked, 'networks', named, signal)),
    );
  }

  async #once(key: string, look: () => Promise<string>): Promise<string> {
    const known = this.#known.get(key) ?? look();
    this.#known.set(key, known);
    try {
      return await known;
    } catch (error) {
      this.#known.delete(key);
      throw error;
    }
  }
}

/** Throws `bad settings` unless exactly one has it as its id or its name. */
function theOne(what: string, name: string, found: Named[]): string {
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
  return first.id;
}
