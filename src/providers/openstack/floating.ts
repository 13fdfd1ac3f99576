import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { Marked } from '../../pipeline/provider.ts';
import { isSameMark } from '../mark-fields.ts';
import { described, describing } from './describing.ts';
import { unlessGone, unlessHidden } from './gone.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const addressSchema = z.object({
  id: z.string(),
  floating_ip_address: z.string(),
  port_id: z.string().nullish(),
  description: z.string().nullish(),
  created_at: z.string(),
});
export type FloatingAddress = z.infer<typeof addressSchema>;

/** In front of the ids of floating addresses, where they stand beside servers'. */
const prefix = 'floating-';
export const floatingId = (id: string): string | undefined =>
  id.startsWith(prefix) ? id.slice(prefix.length) : undefined;

/** The floating addresses of the project that carry a mark. */
export class FloatingAddresses {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Those of a mark, the oldest first: it is the one that is kept. */
  async of(mark: Mark, signal: AbortSignal): Promise<FloatingAddress[]> {
    return (await this.#all(signal))
      .filter(({ description }) => isSameMark(described(description ?? ''), mark))
      .sort((first, second) =>
        `${first.created_at} ${first.id}`.localeCompare(`${second.created_at} ${second.id}`),
      );
  }

  async list(owner: string, signal: AbortSignal): Promise<(Marked & { address: string })[]> {
    return (await this.#all(signal)).flatMap(({ id, description, floating_ip_address: address }) => {
      const mark = described(description ?? '');
      return mark?.owner === owner ? [{ what: 'builder' as const, id: `${prefix}${id}`, mark, address }] : [];
    });
  }

  /** Neutron has no token of a client: of two that were made at once the older is kept, by everybody who looks. */
  async make(network: string, port: string, mark: Mark, signal: AbortSignal): Promise<void> {
    const floatingip = { floating_network_id: network, port_id: port, description: describing(mark) };
    const asked = { service: 'network', method: 'POST', path: '/floatingips' } as const;
    await this.#session.send({ ...asked, body: { floatingip }, doing: 'make a floating address' }, signal);
  }

  async move(id: string, port: string, signal: AbortSignal): Promise<void> {
    const asked = { service: 'network', method: 'PUT', path: `/floatingips/${id}` } as const;
    const body = { floatingip: { port_id: port } };
    await this.#session.send(
      { ...asked, body, doing: `give the floating address ${id} to a server` },
      signal,
    );
  }

  /** Gone already is fine. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    const asked = { service: 'network', method: 'DELETE', path: `/floatingips/${id}` } as const;
    await unlessGone(this.#session.send({ ...asked, doing: `give the floating address ${id} back` }, signal));
  }

  /** Whether it is Bakery's at all; undefined when it is not there. */
  async find(id: string, signal: AbortSignal): Promise<{ mark: Mark | undefined } | undefined> {
    const found = (await this.#all(signal)).find((one) => one.id === id);
    return found === undefined ? undefined : { mark: described(found.description ?? '') };
  }

  /** The project's, few as they are. A cloud without routers has none. */
  async #all(signal: AbortSignal): Promise<FloatingAddress[]> {
    const asked = { service: 'network', path: '/floatingips', doing: 'list floating addresses' } as const;
    return (await unlessHidden(everyItem(this.#session, asked, 'floatingips', addressSchema, signal))) ?? [];
  }
}
