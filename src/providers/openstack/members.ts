import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import { unlessForbidden, unlessGone, unlessRefused } from './gone.ts';
import { markInTags } from './marks.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const poolSchema = z.object({
  id: z.string(),
  name: z.string(),
  members: z.array(z.object({ id: z.string() })),
});
const memberSchema = z.object({
  id: z.string(),
  name: z.string(),
  weight: z.number(),
  backup: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
});

/** What pools of Bakery's are named by, before the slot. */
const poolPrefix = 'bakery.';
export const poolName = (slot: string): string => `${poolPrefix}${slot}`;
/** The slot that a pool or a listener is named by; undefined for one that is not Bakery's. */
export const slotOfPool = (name: string): string | undefined =>
  name.startsWith(poolPrefix) ? name.slice(poolPrefix.length) : undefined;

/** In front of the ids of members, where they stand beside servers'. The pool's id and the member's follow. */
const prefix = 'member-';
export const isMember = (id: string): boolean => id.startsWith(prefix);

/** A member of a pool of Bakery's. */
export interface FoundMember {
  id: string;
  /** The server that it is named after. */
  server: string;
  /** What its tags say; one that a rescue script put there, or an older Bakery, has none. */
  mark: Mark | undefined;
  /** It gets traffic while it is healthy. A spare gets none as long as another member is. */
  weighted: boolean;
}

/**
 * The members of all pools of Bakery's in the project, whichever load balancer they are below: also of environments
 * and balancers that no file names any more.
 */
export class Members {
  readonly #session: Session;
  /** The provider whose instances they are. */
  readonly #provider: string;

  constructor(session: Session, provider: string) {
    this.#session = session;
    this.#provider = provider;
  }

  /** None where the cloud has no load balancers, or the account may not see them. */
  async all(signal: AbortSignal): Promise<FoundMember[]> {
    if (!(await this.#session.offers('load-balancer', signal))) return [];
    const asked = { service: 'load-balancer', path: '/pools', doing: 'list pools' } as const;
    const pools = (await unlessForbidden(everyItem(this.#session, asked, 'pools', poolSchema, signal))) ?? [];
    const ours = pools.filter(({ name, members }) => slotOfPool(name) !== undefined && members.length > 0);
    return (await Promise.all(ours.map(({ id }) => this.#of(id, signal)))).flat();
  }

  /** Undefined when it is not there. */
  async find(id: string, signal: AbortSignal): Promise<FoundMember | undefined> {
    const { pool } = partsOf(id);
    return (await this.#of(pool, signal)).find((one) => one.id === id);
  }

  /** False while its load balancer is being changed; gone already is fine. */
  remove(id: string, signal: AbortSignal): Promise<boolean> {
    const { pool, member } = partsOf(id);
    const path = `/pools/${pool}/members/${member}`;
    const asked = { service: 'load-balancer', method: 'DELETE', path, doing: `take out ${id}` } as const;
    return unlessRefused(this.#session.send(asked, signal));
  }

  async #of(pool: string, signal: AbortSignal): Promise<FoundMember[]> {
    const path = `/pools/${pool}/members`;
    const asked = { service: 'load-balancer', path, doing: 'list members' } as const;
    const found = await unlessGone(everyItem(this.#session, asked, 'members', memberSchema, signal));
    return (found ?? []).map(({ id, name, weight, backup, tags }) => ({
      id: `${prefix}${pool}.${id}`,
      server: name,
      mark: markInTags(tags, this.#provider),
      weighted: weight > 0 && !backup,
    }));
  }
}

function partsOf(id: string): { pool: string; member: string } {
  const [pool = '', member = ''] = id.slice(prefix.length).split('.');
  return { pool, member };
}
