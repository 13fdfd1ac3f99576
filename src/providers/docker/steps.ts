import { createHash } from 'node:crypto';
import type { BakeOrder, Call } from '../../pipeline/provider.ts';
import { type Facts, lookAtBase } from './base-facts.ts';
import { build, sayingWhat } from './build.ts';
import { contextOf, stepsContext } from './context.ts';
import type { Engine } from './engine.ts';
import { unlessGone } from './faults.ts';
import { inputsOf } from './image-names.ts';
import type { KnownTree } from './known-tree.ts';

/** Recipes whose steps are remembered, each with the tree of its base: one of a Debian has about ten thousand entries. */
const most = 16;

/** All of a recipe but its package, as an image. */
export interface Steps {
  id: string;
  /** The image that the base's name stood for. */
  baseId: string;
  /** What is put into a container of it could go to a volume, and be in no image. */
  hasVolumes: boolean;
  /** What was read of it. */
  known?: KnownTree;
}

/**
 * The steps of recipes before their packages. An engine has them in its cache, and takes longer to look there than to
 * add a small package; so what was made is remembered for as long as the name of its base stands for the same image.
 */
export class StepsCache {
  readonly #engine: Engine;
  readonly #made = new Map<string, Steps>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The steps of an order's recipe, made unless they are there; and what is to be said of their base. */
  async of(order: BakeOrder, call: Call): Promise<{ steps: Steps; facts: Facts }> {
    const { docker } = this.#engine;
    const { base } = order.recipe;
    const key = keyOf(order);
    const known = this.#made.get(key);
    const [before, there] = await Promise.all([
      lookAtBase(docker, base),
      known && unlessGone(docker.getImage(known.id).inspect()),
    ]);
    if (known !== undefined && there !== undefined && known.baseId === before.id) {
      call.log(`All steps before the package: made already, ${known.id}`);
      return { steps: known, facts: before.facts };
    }
    return this.#make(order, call, key, known, before.id);
  }

  async #make(
    order: BakeOrder,
    call: Call,
    key: string,
    known: Steps | undefined,
    baseBefore: string,
  ): Promise<{ steps: Steps; facts: Facts }> {
    const { docker } = this.#engine;
    const context = contextOf(stepsContext(order));
    const options = { rm: true, forcerm: true };
    const id = await sayingWhat(order, () => build(this.#engine, context, options, call));
    const [base, { Config }] = await Promise.all([
      lookAtBase(docker, order.recipe.base),
      docker.getImage(id).inspect(),
    ]);
    // Its name was given to another image meanwhile: nobody can tell which of them these steps stand on.
    if (baseBefore !== '' && baseBefore !== base.id) return this.#make(order, call, key, known, base.id);
    const hasVolumes = Object.keys(Config.Volumes ?? {}).length > 0;
    const read = known?.id === id && known.known !== undefined ? { known: known.known } : {};
    const steps: Steps = { id, baseId: base.id, hasVolumes, ...read };
    this.#remember(key, steps);
    return { steps, facts: base.facts };
  }

  #remember(key: string, steps: Steps): void {
    this.#made.delete(key);
    const [oldest] = this.#made.keys();
    if (oldest !== undefined && this.#made.size >= most) this.#made.delete(oldest);
    this.#made.set(key, steps);
  }
}

/** Of all that steps are made from, but for what their base's name stands for. */
const keyOf = (order: BakeOrder): string =>
  createHash('sha256')
    .update(JSON.stringify(inputsOf(order).recipe))
    .digest('hex');
