import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Container } from 'dockerode';
import { type BakeOrder, type Call, ProviderError } from '../../pipeline/provider.ts';
import type { Tree } from '../manifest/read-tree.ts';
import type { Facts } from './base-facts.ts';
import { contextOf, packageIn, portion } from './context.ts';
import { isArchive, labelLine } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { isGone, isLinkOutside, isNoTar } from './faults.ts';
import { inIdleContainer } from './idle-container.ts';
import { foretell, isFree, readAdded, readWhole } from './known-tree.ts';
import { label, labelsOf } from './labels.ts';
import { written } from './manifest.ts';
import { packageFolder } from './package-tree.ts';
import type { DockerSettings } from './settings.ts';
import { type Steps, StepsCache } from './steps.ts';

/** An image without a name yet, and when what it was made with is gone. */
export interface Made {
  image: string;
  cleared: Promise<void>;
}

/**
 * Makes images of recipes whose package is only added: to a container of all steps before it that is never started, whose
 * files are then the image. A Dockerfile would need two steps for that, and its engine would copy the package once more;
 * and an image whose labels name its manifest is made after that was read.
 */
export class Assembling {
  readonly #engine: Engine;
  readonly #keep: DockerSettings['keep'];
  readonly #steps: StepsCache;

  constructor(engine: Engine, { keep }: Pick<DockerSettings, 'keep'>) {
    this.#engine = engine;
    this.#keep = keep;
    this.#steps = new StepsCache(engine);
  }

  /** Undefined when a Dockerfile could make something else of these inputs, and has to make it. */
  async make(order: BakeOrder, labels: Record<string, string>, call: Call): Promise<Made | undefined> {
    const { steps, facts } = await this.#steps.of(order, call);
    call.signal.throwIfAborted();
    // What is put into a volume is in no image.
    if (steps.hasVolumes) return undefined;
    const Labels = labelsOf(order.mark, 'builder');
    const { value: image, cleared } = await inIdleContainer(
      this.#engine.patient,
      { Image: steps.id, Labels },
      (container) => this.#imageOf(container, steps, facts, order, labels, call),
    ).catch((error: unknown) => {
      throw isGone(error) ? went(steps, error) : error;
    });
    if (image !== undefined) return { image, cleared };
    await cleared;
    return undefined;
  }

  async #imageOf(
    container: Container,
    steps: Steps,
    facts: Facts,
    order: BakeOrder,
    labels: Record<string, string>,
    call: Call,
  ): Promise<string | undefined> {
    const tree = await added(container, steps, order, call);
    if (tree === undefined) return undefined;
    const { bom, manifest, digest } = written(tree, order, facts);
    await Promise.all([this.#keep(bom), this.#keep(manifest)]);
    call.signal.throwIfAborted();
    const { Id } = await container.commit({
      comment: `the package ${order.package.name}`,
      changes: labelLine({ ...labels, [label.manifest]: digest }),
      abortSignal: call.signal,
    });
    return Id;
  }
}

/** Somebody cleans up the engine: the next attempt looks first, and makes them once more. */
const went = ({ id }: Steps, cause: unknown): ProviderError =>
  new ProviderError(
    'busy',
    `What the package was to be added to (${id}) went from the engine meanwhile. Nothing was baked. Bakery tries again.`,
    { cause },
  );

/**
 * Adds the package to a container, and says all that is in it then. Undefined when `ADD`, which sees nothing but its folder,
 * would take what the engine refuses here or has put elsewhere, or when an image would show other files than the container.
 */
async function added(
  container: Container,
  steps: Steps,
  order: BakeOrder,
  call: Call,
): Promise<Tree | undefined> {
  const { known } = steps;
  const wasFree = known === undefined && (await isFree(container));
  call.log(`Adding ${order.package.name} to /${packageFolder}`);
  const [told, isIn] = await Promise.all([foretell(known, order), add(container, order, call)]);
  if (!isIn) return undefined;
  if (told !== undefined) return told;
  const read =
    known === undefined
      ? await readWhole(container, order, wasFree)
      : await readAdded(known, container, order);
  if (read.tree.entries.some(isWhiteout) || (await hasStrays(container))) return undefined;
  if (read.known !== undefined) steps.known = read.known;
  return read.tree;
}

/** Such a file takes one of a lower layer away (OCI image specification, "Whiteouts"). */
const isWhiteout = ({ path }: Tree['entries'][number]): boolean =>
  path.startsWith(`${packageFolder}/`) && path.split('/').some((part) => part.startsWith('.wh.'));

/** Whether something is outside of the package's folder: it went there by a link. */
async function hasStrays(container: Container): Promise<boolean> {
  const changes: { Path: string }[] = (await container.changes()) ?? [];
  return changes.some(({ Path }) => !`${Path}/`.startsWith(`/${packageFolder}/`));
}

/** False when the engine refuses a link in it. */
async function add(container: Container, order: BakeOrder, call: Call): Promise<boolean> {
  const content: Readable = isArchive(order.package)
    ? createReadStream(order.packageFile, { highWaterMark: portion })
    : contextOf([packageIn('', order)]);
  try {
    await container.putArchive(content, { path: `/${packageFolder}`, abortSignal: call.signal });
    return true;
  } catch (error) {
    if (isLinkOutside(error)) return false;
    if (!isNoTar(error)) throw error;
    throw new ProviderError(
      'command failed',
      `The package ${order.package.name} is no tar that the engine can unpack. Nothing was baked; look at what the build writes to it.`,
      { cause: error },
    );
  } finally {
    content.destroy();
  }
}
