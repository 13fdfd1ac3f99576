import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import { type Marked, ProviderError } from '../../pipeline/provider.ts';
import { isSameMark } from '../mark-fields.ts';
import { described, describing } from './describing.ts';
import { unlessGone } from './gone.ts';
import { everyItem } from './pages.ts';
import type { Session } from './session.ts';

const portSchema = z.object({
  id: z.string(),
  device_id: z.string().nullish(),
  description: z.string().nullish(),
  tags: z.array(z.string()).default([]),
});
type Port = z.infer<typeof portSchema>;
const one = z.object({ port: portSchema });

const markOf = ({ description }: Port): Mark | undefined => described(description ?? '');

/** In front of the ids of ports, where they stand beside servers'. */
const prefix = 'port-';
export const portId = (id: string): string | undefined =>
  id.startsWith(prefix) ? id.slice(prefix.length) : undefined;

/**
 * Ports that were made beforehand. The description of one says whose it is. Neutron lets two who write at once both
 * write, whatever they ask for (If-Match), so each claims a port by a tag first. Other ports of servers are Nova's.
 */
export class Ports {
  readonly #session: Session;
  readonly #now: () => number;

  constructor(session: Session, now: () => number) {
    this.#session = session;
    this.#now = now;
  }

  /**
   * The port that a mark has of these, or else one that nobody has. Throws `quota` when each is somebody's, and `busy`
   * while another launch is about to take the same.
   */
  async take(ids: string[], mark: Mark, signal: AbortSignal): Promise<string> {
    const all = await this.#these(ids, signal);
    const own = all.find((port) => isSameMark(markOf(port), mark));
    if (own !== undefined) return own.id;
    const who = claimant(mark);
    let isContended = false;
    for (const port of all) {
      if (!isFree(port)) {
        // Claimed at an earlier go, when another launch was about to take it, and did.
        if (claimsOn(port.tags).some((one) => one.who === who)) await this.#withdraw(port.id, who, signal);
      } else if (await this.#claim(port, who, signal)) {
        await this.#write(port.id, describing(mark), signal);
        await this.#withdraw(port.id, who, signal);
        return port.id;
      } else isContended = true;
    }
    if (isContended) throw isTaking('A port');
    throw new ProviderError(
      'quota',
      `None of the ${ids.length} ports that were made beforehand is free. Nothing was made; make one more than instances run at once, and name it under ports in bot.yaml.`,
    );
  }

  /**
   * Who is alone after it put its tag there has the port: whoever comes later sees the tag, or what it wrote. Of two who
   * see each other the one gives way, and the other looks again.
   */
  async #claim({ id }: Port, who: string, signal: AbortSignal): Promise<boolean> {
    const seconds = Math.floor(this.#now() / 1_000);
    const asked = { service: 'network', method: 'PUT', doing: `claim the port ${id}` } as const;
    const tag = `${claimPrefix}${who}-${seconds}`;
    await this.#session.send({ ...asked, path: `/ports/${id}/tags/${tag}` }, signal);
    const [port] = await this.#these([id], signal);
    const others = claimsOn(port?.tags ?? []).filter((one) => one.who !== who);
    for (const { who: stale, since } of others)
      if (seconds - since > staleAfter) await this.#withdraw(id, stale, signal);
    const rivals = others.filter(({ since }) => seconds - since <= staleAfter);
    if (port !== undefined && isFree(port) && rivals.length === 0) return true;
    if (port !== undefined && isFree(port) && rivals.every((one) => one.who > who))
      throw isTaking(`The port ${id}`);
    await this.#withdraw(id, who, signal);
    return false;
  }

  async #withdraw(id: string, who: string, signal: AbortSignal): Promise<void> {
    const asked = { service: 'network', method: 'DELETE', doing: `give way at the port ${id}` } as const;
    const [port] = await this.#these([id], signal);
    for (const tag of (port?.tags ?? []).filter((one) => one.startsWith(`${claimPrefix}${who}-`)))
      await unlessGone(this.#session.send({ ...asked, path: `/ports/${id}/tags/${tag}` }, signal));
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
    if (port !== undefined && markOf(port) !== undefined) await this.#write(id, '', signal);
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

  async #write(id: string, description: string, signal: AbortSignal): Promise<void> {
    const asked = { service: 'network', method: 'PUT', path: `/ports/${id}` } as const;
    const body = { port: { description } };
    await this.#session.send({ ...asked, body, doing: `note whose the port ${id} is` }, signal);
  }
}

const isTaking = (what: string): ProviderError =>
  new ProviderError(
    'busy',
    `${what} is about to be taken by another launch, too. Nothing was made; Bakery looks again.`,
  );

const isFree = (port: Port): boolean => !port.device_id && markOf(port) === undefined;

const claimPrefix = 'bakery-claim-';
/** Seconds after which a claim that came to nothing is in nobody's way: an attempt has a minute. */
const staleAfter = 300;

/** Who claims a port, in the 60 characters of a tag: two copies of one launch are one. */
const claimant = ({ owner, effect, generation }: Mark): string =>
  createHash('sha256')
    .update(JSON.stringify([owner, effect, generation]))
    .digest('hex')
    .slice(0, 24);

const claimsOn = (tags: string[]): { who: string; since: number }[] =>
  tags
    .filter((tag) => tag.startsWith(claimPrefix))
    .map((tag) => tag.slice(claimPrefix.length).split('-'))
    .map(([who = '', since]) => ({ who, since: Number(since) }));
