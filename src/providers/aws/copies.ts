import type { Image } from '../../pipeline/domain/image.ts';
import type { Call, Marked } from '../../pipeline/provider.ts';
import { type Ami, Amis, snapshotsIn } from './amis.ts';
import type { Cloud } from './cloud.ts';
import { markOf, tag, tagValue, withTag } from './tags.ts';

/** A copy is called by its region, too: `us-east-1/ami-…`, whichever region it is asked for in. */
export const copyName = (region: string, ami: string): string => `${region}/${ami}`;

/** The AMI of an image in a region: its copy there, or itself. */
export const amiIn = (region: string, { id, copies = [] }: Pick<Image, 'id' | 'copies'>): string =>
  (copies.find((copy) => copy.startsWith(`${region}/`)) ?? id).split('/').at(-1) ?? id;

/** What a name says: the region of a copy or of what a copy left, and the id there. */
export const placeOf = (name: string): { region?: string; id: string } => {
  const [, region, id] = /^([a-z0-9-]+)\/((?:ami|snap)-[0-9a-f]{8,17})$/.exec(name) ?? [];
  return region === undefined || id === undefined ? { id: name } : { region, id };
};

/** The regions that an image was, or was to be, copied to. */
export const regionsOf = ({ Tags }: Ami): string[] =>
  tagValue(Tags, tag.copiedTo)
    .split(' ')
    .filter((region) => region !== '');

/** The copies of this account's images in other regions. */
export class Copies {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  in(region: string): Amis {
    return new Amis(this.#cloud.at(region));
  }

  /** The copies of one image in a region, the oldest first: it is the one that is used. */
  async of(image: string, region: string, call: Pick<Call, 'signal'>): Promise<Ami[]> {
    const age = ({ CreationDate = '', ImageId = '' }: Ami): string => `${CreationDate} ${ImageId}`;
    const found = await this.in(region).find([withTag(tag.copyOf, image)], call);
    return found.sort((one, other) => (age(one) < age(other) ? -1 : 1));
  }

  /** Removes all copies of an image, of which none may be in use. */
  async remove(image: Ami, call: Call): Promise<void> {
    for (const region of this.#regions([image])) {
      const amis = this.in(region);
      const copies = await this.of(image.ImageId ?? '', region, call);
      for (const { ImageId = '' } of copies) await amis.ensureUnused(ImageId, call);
      for (const copy of copies) {
        await amis.deregister(copy, call);
        call.log(`the copy ${copyName(region, copy.ImageId ?? '')} is gone`);
      }
    }
  }

  /** All copies of an owner, and snapshots that are left of one, wherever one of these images may have been copied to. */
  async list(owner: string, images: readonly Ami[], call: Call): Promise<Marked[]> {
    const found = await Promise.all(
      this.#regions(images).map((region) => listIn(this.in(region), region, owner, call)),
    );
    return found.flat();
  }

  #regions(images: readonly Ami[]): string[] {
    const { copyTo = [], region: home } = this.#cloud.settings;
    const all = [...copyTo.map(({ region }) => region), ...images.flatMap(regionsOf)];
    return [...new Set(all)].filter((region) => region !== home);
  }
}

async function listIn(amis: Amis, region: string, owner: string, call: Call): Promise<Marked[]> {
  const ours = [withTag(tag.owner, owner), { Name: 'tag-key', Values: [tag.copyOf] }];
  const [copies, snapshots] = await Promise.all([amis.find(ours, call), amis.snapshots(ours, call)]);
  return [...imagesOf(copies, region), ...leftOf(copies, snapshots, region)];
}

const imagesOf = (amis: readonly Ami[], region: string): Marked[] =>
  amis.flatMap(({ ImageId = '', Tags }): Marked[] => {
    const mark = markOf(Tags);
    return mark === undefined ? [] : [{ what: 'image', id: copyName(region, ImageId), mark }];
  });

/** Snapshots that no image has. While an image is made it does not name all its snapshots yet. */
export function leftOf(
  amis: readonly Ami[],
  snapshots: readonly Pick<Marked, 'id' | 'mark'>[],
  region?: string,
): Marked[] {
  if (amis.some(({ State }) => State === 'pending')) return [];
  const used = new Set(amis.flatMap(snapshotsIn));
  return snapshots
    .filter(({ id }) => !used.has(id))
    .map(({ id, mark }) => ({
      what: 'builder',
      id: region === undefined ? id : copyName(region, id),
      mark,
    }));
}
