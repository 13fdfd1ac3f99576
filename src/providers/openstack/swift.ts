import { createHmac, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import type { Millis } from '../../pipeline/domain/time.ts';
import { unlessGone, unlessHidden } from './gone.ts';
import type { Session } from './session.ts';

const keyHeader = 'x-container-meta-temp-url-key';
const listed = z.array(z.object({ name: z.string() }));
/** Seconds after which the object store itself removes what was put there. */
const keptFor = 7 * 24 * 60 * 60;

/**
 * A container of the object store between Bakery and its servers: these have no account there, only addresses that
 * hold for a time (Swift's TempURL middleware). The container and its key are made when they are not there.
 */
export class Swift {
  readonly #session: Session;
  readonly #container: string;
  readonly #now: () => number;

  constructor(session: Session, container: string, now: () => number) {
    this.#session = session;
    this.#container = container;
    this.#now = now;
  }

  /** Brings a file there under a name, unless something of that name and size is there. It goes by itself some day. */
  async put(name: string, file: string, signal: AbortSignal): Promise<void> {
    await this.#held(signal);
    const { size } = await stat(file);
    const path = this.#path(name);
    const asked = { service: 'object-store', path } as const;
    const there = await unlessGone(
      this.#session.send({ ...asked, method: 'HEAD', doing: `look for ${name}` }, signal),
    );
    if (there?.header('content-length') === String(size)) return;
    const headers = { 'x-delete-after': String(keptFor), 'content-type': 'application/octet-stream' };
    await this.#session.send({ ...asked, method: 'PUT', headers, file, doing: `keep ${name}` }, signal);
  }

  /** Whether the account may use it: made at the first bake when it is not there. */
  async check(signal: AbortSignal): Promise<string> {
    const asked = { service: 'object-store', path: `/${encodeURIComponent(this.#container)}` } as const;
    const look = { ...asked, method: 'HEAD', doing: `look at the container ${this.#container}` } as const;
    const there = await unlessGone(this.#session.send(look, signal));
    return `${this.#container} ${there === undefined ? 'is made at the first bake' : 'is there'}`;
  }

  /** An address at which whoever has it may do one thing with one name for so long. A secret: never logged. */
  async address(method: 'GET' | 'PUT', name: string, lasts: Millis, signal: AbortSignal): Promise<string> {
    const key = await this.#held(signal);
    const url = new URL(`${await this.#session.endpoint('object-store', signal)}${this.#path(name)}`);
    const expires = Math.ceil((this.#now() + lasts) / 1_000);
    const signature = createHmac('sha256', key)
      .update(`${method}\n${expires}\n${url.pathname}`)
      .digest('hex');
    url.search = `temp_url_sig=${signature}&temp_url_expires=${expires}`;
    return url.href;
  }

  /** What is there; undefined when nothing is. */
  async read(name: string, signal: AbortSignal): Promise<string | undefined> {
    const asked = { service: 'object-store', path: this.#path(name), doing: `read ${name}` } as const;
    return (await unlessGone(this.#session.send(asked, signal)))?.text;
  }

  /** Nothing there is fine. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    const asked = { service: 'object-store', path: this.#path(name), doing: `remove ${name}` } as const;
    await unlessGone(this.#session.send({ ...asked, method: 'DELETE' }, signal));
  }

  /** The names of all that is there and begins so; none where the cloud has no object store, or shows none to the account. */
  async list(prefix: string, signal: AbortSignal): Promise<string[]> {
    if (!(await this.isOffered(signal))) return [];
    const found: string[] = [];
    for (;;) {
      const query = new URLSearchParams({ format: 'json', prefix, marker: found.at(-1) ?? '' });
      const asked = { service: 'object-store', doing: 'list what servers told' } as const;
      const path = `/${encodeURIComponent(this.#container)}?${query}`;
      const page = await unlessHidden(this.#session.ask({ ...asked, path }, listed, signal));
      if (page === undefined || page.length === 0) return found;
      found.push(...page.map(({ name }) => name));
    }
  }

  /** Whether the cloud has an object store at all. */
  isOffered(signal: AbortSignal): Promise<boolean> {
    return this.#session.offers('object-store', signal);
  }

  #path(name: string): string {
    return `/${encodeURIComponent(this.#container)}/${name.split('/').map(encodeURIComponent).join('/')}`;
  }

  /** The container's key; both are made when they are not there. Asked for each time, as it can be renewed. */
  async #held(signal: AbortSignal): Promise<string> {
    const asked = { service: 'object-store', path: `/${encodeURIComponent(this.#container)}` } as const;
    const look = { ...asked, method: 'HEAD', doing: `look at the container ${this.#container}` } as const;
    const known = (await unlessGone(this.#session.send(look, signal)))?.header(keyHeader);
    if (known !== undefined) return known;
    const headers = { [keyHeader]: randomBytes(32).toString('hex') };
    const make = { ...asked, method: 'PUT', doing: `make the container ${this.#container}` } as const;
    await this.#session.send({ ...make, headers }, signal);
    return (await this.#session.send(look, signal)).header(keyHeader) ?? '';
  }
}
