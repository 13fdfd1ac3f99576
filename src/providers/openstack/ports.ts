import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import { unlessGone } from './gone.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const portSchema = z.object({ id: z.string(), device_id: z.string().nullish() });
const one = z.object({ port: portSchema });

/** The ports of the project's networks. Those of servers are Nova's, but for what was made beforehand. */
export class Ports {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * The first of these that no server has; they are looked through from the `start`th on, so that two who look at once
   * rarely find the same: Nova gives it to one of them, and refuses the other. Throws `quota` when each has one.
   */
  async free(ids: string[], start: number, signal: AbortSignal): Promise<string> {
    const turned = ids.map((_, index) => ids[(start + index) % ids.length] ?? '');
    for (const id of turned) {
      const asked = { service: 'network', path: `/ports/${id}`, doing: `look at the port ${id}` } as const;
      const found = await unlessGone(this.#session.ask(asked, one, signal));
      if (found !== undefined && !found.port.device_id) return id;
    }
    throw new ProviderError(
      'quota',
      `None of the ${ids.length} ports that were made beforehand is free. Nothing was made; make one more than instances run at once, and name it under ports in bot.yaml.`,
    );
  }

  /** The first port of a server; undefined while it has none. */
  async ofServer(id: string, signal: AbortSignal): Promise<string | undefined> {
    const asked = { service: 'network', path: `/ports?device_id=${id}`, doing: 'list ports' } as const;
    return (await everyItem(this.#session, asked, 'ports', portSchema, signal))[0]?.id;
  }
}
