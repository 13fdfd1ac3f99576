import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import { type Marked, ProviderError } from '../../pipeline/provider.ts';
import { isSameMark } from '../mark-fields.ts';
import { described, describing } from './describing.ts';
import { OpenStackError } from './faults.ts';
import { unlessGone } from './gone.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const portSchema = z.object({
  id: z.string(),
  device_id: z.string().nullish(),
  description: z.string().nullish(),
  revision_number: z.number().optional(),
});
type Port = z.infer<typeof portSchema>;
const one = z.object({ port: portSchema });

const markOf = ({ description }: Port): Mark | undefined => described(description ?? '');

/** In front of the ids of ports, where they stand beside servers'. */
const prefix = 'port-';
export const portId = (id: string): string | undefined =>
  id.startsWith(prefix) ? id.slice(prefix.length) : undefined;

/**
 * Ports that were made beforehand. The description of one says whose it is: written only while nobody else wrote, it
 * keeps two launches at once from taking the same. Other ports of servers are Nova's.
 */
export class Ports {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** The port that a mark has of these, or else one that nobody has. Throws `quota` when each is somebody's. */
  async take(ids: string[], mark: Mark, signal: AbortSignal): Promise<string> {
    const all = await this.#these(ids, signal);
    const own = all.find((port) => isSameMark(markOf(port), mark));
    if (own !== undefined) return own.id;
    for (const port of all)
      if (
        !port.device_id &&
        markOf(port) === undefined &&
        (await this.#write(port, describing(mark), signal))
      )
        return port.id;
    throw new ProviderError(
      'quota',
      `None of the ${ids.length} ports that were made beforehand is free. Nothing was made; make one more than instances run at once, and name it under ports in bot.yaml.`,
    );
  }

  async list(ids: string[], owner: string, signal: AbortSignal): Promise<Marked[]> {
    return (await this.#these(ids, signal)).flatMap((port) => {
      const mark = markOf(port);
      return mark?.owner === owner ? [{ what: 'builder', id: `${prefix}${port.id}`, mark }] : [];
    });
  }

  /** Whose it is; undefined when it is not there. */
  async find(id: string, signal: AbortSignal): Promise<{ mark: Mark | undefined } | undefined> {
    const [port] = await this.#these([id], signal);
    return port === undefined ? undefined : { mark: markOf(port) };
  }

  /** It is free once its server is gone. */
  async release(id: string, signal: AbortSignal): Promise<void> {
    const [port] = await this.#these([id], signal);
    if (port !== undefined && markOf(port) !== undefined) await this.#write(port, '', signal);
  }

  /** The first port of a server; undefined while it has none. */
  async ofServer(id: string, signal: AbortSignal): Promise<string | undefined> {
    const asked = { service: 'network', path: `/ports?device_id=${id}`, doing: 'list ports' } as const;
    return (await everyItem(this.#session, asked, 'ports', portSchema, signal))[0]?.id;
  }

  async #these(ids: string[], signal: AbortSignal): Promise<Port[]> {
    const look = async (id: string) => {
      const asked = { service: 'network', path: `/ports/${id}`, doing: `look at the port ${id}` } as const;
      return (await unlessGone(this.#session.ask(asked, one, signal)))?.port;
    };
    return (await Promise.all(ids.map(look))).filter((port) => port !== undefined);
  }

  /** False when somebody else wrote since it was looked at (Neutron answers 412). */
  async #write({ id, revision_number: revision }: Port, description: string, signal: AbortSignal) {
    const headers = revision === undefined ? {} : { 'if-match': `revision_number=${revision}` };
    const asked = { service: 'network', method: 'PUT', path: `/ports/${id}`, headers } as const;
    try {
      const body = { port: { description } };
      await this.#session.send({ ...asked, body, doing: `note whose the port ${id} is` }, signal);
      return true;
    } catch (error) {
      if (error instanceof OpenStackError && error.status === 412) return false;
      throw error;
    }
  }
}
