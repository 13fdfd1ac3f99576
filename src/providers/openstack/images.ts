import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import { type Marked, ProviderError } from '../../pipeline/provider.ts';
import { markKey } from '../instance-name.ts';
import { OpenStackError } from './faults.ts';
import { unlessGone, unlessRefused, unlessTaken } from './gone.ts';
import { key, labelsOf, markOf, takenPrefix } from './marks.ts';
import { everyItem } from './pages.ts';
import type { Question, Session } from './session.ts';

const imageSchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  status: z.string(),
  created_at: z.string(),
  size: z.number().nullish(),
  visibility: z.string().optional(),
  /** Of what was made from a server that booted from a volume: that volume's snapshot, and no disk. */
  block_device_mapping: z.string().nullish(),
});
export type GlanceImage = z.infer<typeof imageSchema>;

const byAge = (one: GlanceImage, other: GlanceImage): number =>
  one.created_at === other.created_at
    ? one.id.localeCompare(other.id)
    : one.created_at.localeCompare(other.created_at);

const patch = 'application/openstack-images-v2.1-json-patch';
const going = new Set(['deleted', 'pending_delete']);

/** The images of the cloud, one call each. */
export class Images {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Those made from these inputs, the oldest first: it is the one that is kept. */
  async ofInputs(inputs: string, signal: AbortSignal): Promise<GlanceImage[]> {
    return (await this.#list(`${key.inputs}=${inputs}`, signal))
      .filter(({ status }) => !going.has(status))
      .sort(byAge);
  }

  /**
   * By id, by name, or by properties (`os_distro=debian,os_version=12`); when there are more, the newest active one, as
   * images of a system are renewed under their name. Throws `denied` when there is none.
   */
  async base(name: string, signal: AbortSignal): Promise<GlanceImage> {
    const byId = name.includes('=') ? undefined : await this.get(name, signal);
    const found = byId === undefined ? await this.#list(queryOf(name), signal) : [byId];
    const active = found.filter(({ status }) => status === 'active').sort(byAge);
    const newest = active.at(-1);
    if (newest === undefined)
      throw new ProviderError(
        'denied',
        `The project has no active image ${name}. Nothing was baked; correct image.base, or share the image with the project.`,
      );
    if ((newest.block_device_mapping ?? '[]') === '[]') return newest;
    throw new ProviderError(
      'bad settings',
      `The image ${name} has no disk but a volume's snapshot, and Bakery does not boot from volumes. Nothing was baked; name one with a disk under image.base.`,
    );
  }

  async get(id: string, signal: AbortSignal): Promise<GlanceImage | undefined> {
    const path = `/images/${encodeURIComponent(id)}`;
    const found = await unlessGone(
      this.#session.ask({ service: 'image', path, doing: `look at the image ${id}` }, imageSchema, signal),
    );
    return found === undefined || going.has(found.status) ? undefined : found;
  }

  /** That a release took an image which another had made: a property of its own, so that two at once do no harm. */
  async take(id: string, mark: Mark, signal: AbortSignal): Promise<void> {
    const path = `/${takenPrefix}${markKey(mark)}`;
    const value = JSON.stringify({ ...labelsOf(mark, 'image'), image: id });
    await this.#send(
      {
        method: 'PATCH',
        path: `/images/${id}`,
        headers: { 'content-type': patch },
        body: [{ op: 'add', path, value }],
        doing: `mark the image ${id}`,
      },
      signal,
    );
  }

  /** Gives it properties and a visibility; what it has already is not written again. */
  async describe(
    image: GlanceImage,
    wanted: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const body = missing(image, wanted);
    if (body.length === 0) return;
    const { id } = image;
    const asked = { method: 'PATCH', path: `/images/${id}`, doing: `describe the image ${id}` } as const;
    try {
      await this.#send({ ...asked, headers: { 'content-type': patch }, body }, signal);
    } catch (error) {
      // Of two who add one property at once Glance answers one with 500.
      const now =
        error instanceof OpenStackError && error.status === 500 ? await this.get(id, signal) : undefined;
      if (now === undefined || missing(now, wanted).length > 0) throw error;
    }
  }

  /**
   * Lets other projects use it; those that may already are left as they are. Of two who share at once Glance tells both
   * yes and keeps the project twice, which gives it no more.
   */
  async share(id: string, projects: string[], signal: AbortSignal): Promise<void> {
    for (const member of projects) {
      const path = `/images/${id}/members`;
      // Refused (409) when it may already.
      await unlessTaken(
        this.#send({ method: 'POST', path, body: { member }, doing: `share the image ${id}` }, signal),
      );
    }
  }

  /** False while a server is started from it, or it is still being written. Gone already is fine. */
  async remove(id: string, signal: AbortSignal): Promise<boolean> {
    const path = `/images/${encodeURIComponent(id)}`;
    const asked = { method: 'DELETE', path, doing: `remove the image ${id}` } as const;
    return unlessRefused(unlessGone(this.#send(asked, signal)));
  }

  /** One entry for every mark: an image that two releases took is there twice. */
  async list(owner: string, signal: AbortSignal): Promise<Marked[]> {
    const all = await this.#list(`${key.what}=image`, signal);
    return all
      .filter(({ status }) => !going.has(status))
      .flatMap((image) => marksOn(image).map((mark): Marked => ({ what: 'image', id: image.id, mark })))
      .filter(({ mark }) => mark.owner === owner);
  }

  #send(asked: Omit<Question, 'service'>, signal: AbortSignal): Promise<unknown> {
    return this.#session.send({ ...asked, service: 'image' }, signal);
  }

  #list(query: string, signal: AbortSignal): Promise<GlanceImage[]> {
    const asked = { service: 'image', path: `/images?${query}`, doing: 'list images' } as const;
    return everyItem(this.#session, asked, 'images', imageSchema, signal);
  }
}

/** What a patch has to add; of a property that is there it writes a new value (RFC 6902, 4.1). */
const missing = (image: GlanceImage, wanted: Readonly<Record<string, string>>) =>
  Object.entries(wanted)
    .filter(([name, value]) => image[name] !== value)
    .map(([name, value]) => ({ op: 'add', path: `/${name}`, value }));

function marksOn(image: GlanceImage): Mark[] {
  const taken = Object.entries(image).flatMap(([name, value]) => {
    if (!name.startsWith(takenPrefix) || typeof value !== 'string') return [];
    const labels = z.record(z.string(), z.string()).safeParse(parsed(value));
    // Nova hands the properties of a base down to what is baked from it.
    return labels.success && labels.data.image === image.id ? [markOf(labels.data)] : [];
  });
  return [markOf(image), ...taken].filter((mark) => mark !== undefined);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function queryOf(name: string): string {
  if (!name.includes('=')) return `name=${encodeURIComponent(name)}`;
  const query = new URLSearchParams();
  for (const pair of name.split(',')) {
    const [key = '', ...value] = pair.split('=');
    query.append(key, value.join('='));
  }
  return query.toString();
}

/** 32 hex digits of the inputs. */
export const inputsKey = (inputs: object): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 32);
