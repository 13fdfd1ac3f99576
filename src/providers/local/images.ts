import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../pipeline/disk-fault.ts';
import type { Image } from '../../pipeline/domain/image.ts';
import type { Mark } from '../../pipeline/domain/task.ts';
import {
  type BakeOrder,
  type Call,
  type ImageReport,
  type Marked,
  ProviderError,
} from '../../pipeline/provider.ts';
import { markKey } from '../instance-name.ts';
import { asideName, isAside, removeSealed, sweepAside, takeAway } from './aside.ts';
import { readJson, syncFolder, writeJson } from './atomic-file.ts';
import { digestOf, type Manifest, manifestOf, sealTree, treeDigest } from './manifest.ts';
import { checkLink, unpack } from './unpack.ts';

/** A mark on an image: the first is of who made it, the others of who took it. */
interface ImageMark {
  mark: Mark;
  made: boolean;
}

const idPattern = /^image-[0-9a-f]{32}$/;
const effectTime = 2_000;

const denied = (sentence: string): ProviderError => new ProviderError('denied', sentence);

const checkRecipe = (recipe: BakeOrder['recipe']): void => {
  const { base, packages, files = [], user, dockerfile } = recipe;
  if (dockerfile !== undefined) {
    throw denied(
      'The local provider builds no Dockerfile. Leave image.dockerfile out and make a package, or use a provider of kind docker.',
    );
  }
  if (base !== '') {
    throw denied(
      `The local provider has no base images, but the recipe asks for "${base}". Leave image.base empty.`,
    );
  }
  if (packages.length > 0) {
    throw denied(
      `The local provider cannot install OS packages (${packages.join(', ')}). Leave image.packages empty, or use a provider that makes machines or containers.`,
    );
  }
  if (files.length > 0 || user !== undefined) {
    throw denied(
      "The local provider runs the package as it is, as Bakery's own user. Leave image.files and image.user out, or use a provider that makes machines or containers.",
    );
  }
};

/** For what may be missing: another error is thrown on. */
const absentAs =
  <Value>(value: Value) =>
  (error: unknown): Value => {
    if (systemCode(error) === 'ENOENT') return value;
    throw error;
  };

const inputsOf = (order: BakeOrder): Record<string, unknown> => ({
  provider: 'local',
  package: order.package.digest,
  name: order.package.name,
  recipe: { base: order.recipe.base, packages: order.recipe.packages, start: order.recipe.start },
});

const hex = (text: string, length: number): string => digestOf(text).slice('sha256:'.length).slice(0, length);

const markName = (mark: Mark): string => `${markKey(mark)}.json`;

/** The sealed images of one root: `images/<id>/{files,manifest.json,marks}`. */
export class Images {
  readonly #folder: string;
  readonly #keep: (text: string) => Promise<unknown>;

  /** `keep` gets the manifest of each image that is baked or taken. */
  constructor(root: string, keep: (text: string) => Promise<unknown>) {
    this.#folder = join(root, 'images');
    this.#keep = keep;
  }

  /** The folder with an image's files. Throws `unknown image` when it is not there, or is another than it was. */
  async filesOf(image: Image): Promise<string> {
    if (idPattern.test(image.id)) {
      const text = await this.#manifestText(image.id);
      if (text !== undefined && digestOf(text) === image.manifest) return this.#files(image.id);
    }
    throw new ProviderError(
      'unknown image',
      `The image ${image.id} is not on this machine any more. Nothing was started; bake that release again.`,
    );
  }

  /** Reads every file of it: whether it is there, and still what was baked. */
  async inspect(image: Image): Promise<ImageReport> {
    const text = idPattern.test(image.id) ? await this.#manifestText(image.id) : undefined;
    if (text === undefined) return { state: 'gone', because: 'it is not on this machine any more' };
    if (digestOf(text) !== image.manifest) return { state: 'changed', because: 'its manifest is another' };
    const digest = await treeDigest(this.#files(image.id)).catch(absentAs(undefined));
    if (digest === image.digest) return { state: 'present' };
    return { state: 'changed', because: 'its files are not those that were baked' };
  }

  /** Where an image lies, whether it is there or not. */
  place(id: string): string {
    return join(this.#folder, id);
  }

  async bake(order: BakeOrder, call: Call): Promise<Image> {
    checkRecipe(order.recipe);
    const inputs = inputsOf(order);
    const id = `image-${hex(JSON.stringify(inputs), 32)}`;
    await mkdir(this.#folder, { recursive: true });
    await sweepAside(this.#folder);
    if ((await this.#manifestText(id)) === undefined) await this.#make(id, inputs, order, call);
    return this.#adopt(id, order.mark);
  }

  async remove(id: string): Promise<void> {
    if (idPattern.test(id)) await takeAway(this.#folder, id);
  }

  /** One entry for every mark: an image that two releases took is there twice. */
  async list(owner: string): Promise<Marked[]> {
    await mkdir(this.#folder, { recursive: true });
    await sweepAside(this.#folder);
    const found: Marked[] = [];
    for (const id of (await readdir(this.#folder)).filter((name) => !isAside(name)).sort()) {
      for (const { mark } of await this.#marksOf(id)) {
        if (mark.owner === owner) found.push({ what: 'image', id, mark });
      }
    }
    return found;
  }

  #files(id: string): string {
    return join(this.#folder, id, 'files');
  }

  async #make(id: string, inputs: Record<string, unknown>, order: BakeOrder, call: Call): Promise<void> {
    call.ensureTime(effectTime);
    const aside = join(this.#folder, asideName());
    try {
      const files = join(aside, 'files');
      await unpack(order.package, order.packageFile, files);
      const entries = await sealTree(files, (link) => checkLink(order.package.name, files, link));
      call.log(`sealed ${entries.length} files and folders`);
      const made: ImageMark = { mark: order.mark, made: true };
      await mkdir(join(aside, 'marks'));
      await writeJson(join(aside, 'marks', markName(order.mark)), made);
      await writeJson(join(aside, 'manifest.json'), manifestOf(inputs, entries));
      call.signal.throwIfAborted();
      await this.#moveIn(aside, id);
    } finally {
      await removeSealed(aside);
    }
  }

  /** The loser of two who make the same image finds the winner's. */
  async #moveIn(aside: string, id: string): Promise<void> {
    try {
      await rename(aside, join(this.#folder, id));
      await syncFolder(this.#folder);
    } catch (error) {
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
    }
  }

  async #adopt(id: string, mark: Mark): Promise<Image> {
    const marks = join(this.#folder, id, 'marks');
    const text = await this.#manifestText(id);
    if (text === undefined) {
      throw new ProviderError(
        'busy',
        `The image ${id} was removed while it was being taken. Bakery tries again.`,
      );
    }
    // Written by this file only, and digested below.
    const manifest = JSON.parse(text) as Manifest;
    const known = await readJson<ImageMark>(join(marks, markName(mark)));
    if (known === undefined) {
      const taken: ImageMark = { mark, made: false };
      await writeJson(join(marks, markName(mark)), taken);
    }
    await this.#keep(text);
    const { digest, size } = manifest;
    return { provider: 'local', id, digest, manifest: digestOf(text), size, reused: known?.made !== true };
  }

  async #manifestText(id: string): Promise<string | undefined> {
    return readFile(join(this.#folder, id, 'manifest.json'), 'utf8').catch(absentAs(undefined));
  }

  async #marksOf(id: string): Promise<ImageMark[]> {
    const folder = join(this.#folder, id, 'marks');
    const names = await readdir(folder).catch(() => []);
    const marks = await Promise.all(
      names.filter((name) => name.endsWith('.json')).map((name) => readJson<ImageMark>(join(folder, name))),
    );
    return marks.filter((mark) => mark !== undefined);
  }
}
