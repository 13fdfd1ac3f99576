import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { instanceName } from '../instance-name.ts';
import type { Compute } from './compute.ts';
import { OpenStackError } from './faults.ts';
import { unlessGone, unlessRefused } from './gone.ts';

const taskState = 'OS-EXT-STS:task_state';
const address = z.object({ addr: z.string(), version: z.number(), 'OS-EXT-IPS:type': z.string().optional() });
const serverSchema = z
  .object({
    id: z.string(),
    status: z.string(),
    /** Not there when the cell that knows it is down (microversion 2.69). */
    name: z.string().optional(),
    created: z.string(),
    metadata: z.record(z.string(), z.string()).optional(),
    addresses: z.record(z.string(), z.array(address)).optional(),
    'OS-SRV-USG:launched_at': z.string().nullish(),
    [taskState]: z.string().nullish(),
    fault: z.object({ message: z.string() }).optional(),
  })
  .transform((made) => ({ ...made, task: made[taskState] ?? undefined }));
export type Server = z.infer<typeof serverSchema>;
const one = z.object({ server: serverSchema });

/** What a server is made from, in Nova's words. */
export interface ServerOrder {
  name: string;
  imageRef: string;
  flavorRef: string;
  user_data: string;
  metadata: Record<string, string>;
  [key: string]: unknown;
}

/** By Nova's clock, and by id within one second: the same for everybody who looks. */
const byAge = (first: Server, second: Server): number =>
  first.created === second.created
    ? first.id.localeCompare(second.id)
    : first.created.localeCompare(second.created);

export const serverName = (mark: Mark, what: 'instance' | 'builder'): string =>
  instanceName(mark).replace(/^instance/, what);

/** Nova's tags can be asked for by everybody, its metadata by administrators alone: each server has its owner as a tag. */
export const ownerTag = (owner: string): string =>
  `bakery-${createHash('sha256').update(owner).digest('hex').slice(0, 32)}`;

const surplus = 'surplus-';
export const isSurplus = ({ name = '' }: Pick<Server, 'name'>): boolean => name.startsWith(surplus);

/** How long a server that is gone is asked for: longer than any late copy of its launch can live. */
const remembered = 24 * 60 * 60 * 1000;

/** The servers of the cloud, one call each. */
export class Servers {
  readonly #compute: Compute;

  constructor(compute: Compute) {
    this.#compute = compute;
  }

  /** Those of this name that are not gone, the oldest first: it is the one that is kept. Surplus ones as well. */
  async named(name: string, signal: AbortSignal): Promise<Server[]> {
    const pattern = encodeURIComponent(`^(${surplus})?${name}$`);
    return (await this.#list(`name=${pattern}`, signal)).sort(byAge);
  }

  /** Whether one of this name was there, and is gone. */
  async wasEnded(name: string, now: number, signal: AbortSignal): Promise<boolean> {
    const since = new Date(now - remembered).toISOString().slice(0, 19);
    const pattern = encodeURIComponent(`^${name}$`);
    const found = await this.#list(`name=${pattern}&changes-since=${since}Z`, signal);
    return found.some(({ status }) => status === 'DELETED' || status === 'SOFT_DELETED');
  }

  async of(owner: string, signal: AbortSignal): Promise<Server[]> {
    return (await this.#list(`tags=${ownerTag(owner)}`, signal)).sort(byAge);
  }

  async get(id: string, signal: AbortSignal): Promise<Server | undefined> {
    const asked = { path: `/servers/${encodeURIComponent(id)}`, doing: `look at the server ${id}` };
    const found = await unlessGone(this.#compute.ask(asked, one, signal));
    return found === undefined ? undefined : checked(found.server);
  }

  /** Throws `busy` when another one got its port first: whoever looks again finds the next. */
  async make(order: ServerOrder, hints: object | undefined, signal: AbortSignal): Promise<void> {
    const body = { server: order, ...(hints === undefined ? {} : { 'os:scheduler_hints': hints }) };
    const asked = {
      method: 'POST',
      path: '/servers',
      body,
      doing: `start the server ${order.name}`,
    } as const;
    try {
      await this.#compute.send(asked, signal);
    } catch (error) {
      if (!(error instanceof OpenStackError) || error.status !== 409) throw error;
      throw new ProviderError('busy', error.message, { cause: error });
    }
  }

  /** False while Nova does not take it: a server that is being made, or in the middle of something else. */
  async tell(id: string, metadata: Record<string, string>, signal: AbortSignal): Promise<boolean> {
    const path = `/servers/${id}/metadata`;
    const doing = `note something on the server ${id}`;
    return unlessRefused(this.#compute.send({ method: 'POST', path, body: { metadata }, doing }, signal));
  }

  /** Removes one that is there twice, under another name: so that it is not taken for one that was told to end. */
  async removeSurplus({ id, name = '' }: Server, signal: AbortSignal): Promise<void> {
    const body = { server: { name: `${surplus}${name}` } };
    const asked = { method: 'PUT', path: `/servers/${id}`, body, doing: `rename the server ${id}` } as const;
    if (isSurplus({ name }) || (await unlessRefused(this.#compute.send(asked, signal))))
      await this.remove(id, signal);
  }

  /** As if its power button was pressed. False while Nova does not take it. */
  async stop(id: string, signal: AbortSignal): Promise<boolean> {
    // Of two who press it at once Nova answers one with 500.
    return unlessRefused(this.#act(id, { 'os-stop': null }, `stop the server ${id}`, signal), 500);
  }

  /** False while Nova does not take it. */
  async snapshot(
    id: string,
    name: string,
    metadata: Record<string, string>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const body = { createImage: { name, metadata } };
    // Of two who ask at once Nova answers one with 500.
    return unlessRefused(this.#act(id, body, `make an image of the server ${id}`, signal), 500);
  }

  /** The microversion that is spoken. */
  version(signal: AbortSignal): Promise<string> {
    return this.#compute.version(signal);
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    const asked = { method: 'DELETE', path: `/servers/${id}`, doing: `remove the server ${id}` } as const;
    await unlessGone(this.#compute.send(asked, signal));
  }

  /** The text of its console; empty where the cloud keeps none, or the server has none yet. */
  async console(id: string, signal: AbortSignal): Promise<string> {
    const doing = `read the console of the server ${id}`;
    const asked = { method: 'POST', path: `/servers/${id}/action`, doing } as const;
    const body = { 'os-getConsoleOutput': {} };
    let text: string | undefined;
    await unlessRefused(
      this.#compute.ask({ ...asked, body }, z.object({ output: z.string() }), signal).then(({ output }) => {
        text = output;
      }),
    );
    return text ?? '';
  }

  #act(id: string, body: object, doing: string, signal: AbortSignal): Promise<unknown> {
    return this.#compute.send({ method: 'POST', path: `/servers/${id}/action`, body, doing }, signal);
  }

  async #list(query: string, signal: AbortSignal): Promise<Server[]> {
    const asked = { path: `/servers/detail?${query}`, doing: 'list servers' };
    return (await this.#compute.list(asked, 'servers', serverSchema, signal)).map(checked);
  }
}

/** A list with servers that nobody can tell about is no list. */
function checked(server: Server): Server {
  if (server.name !== undefined && server.metadata !== undefined) return server;
  throw new ProviderError(
    'unreachable',
    `Nova does not tell of the server ${server.id}: the cell that knows it is down. Bakery looks again.`,
  );
}
