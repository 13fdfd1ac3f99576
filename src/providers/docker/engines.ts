import type { LaunchSpec, Mark } from '../../pipeline/domain/task.ts';
import { Engine } from './engine.ts';
import type { EngineSettings } from './settings.ts';

/** The engines of one provider, in the order of their names' appearance. The first one bakes. */
export class Engines {
  readonly all: readonly Engine[];

  constructor(settings: Record<string, EngineSettings>) {
    this.all = Object.entries(settings).map(([name, made]) => new Engine(name, made));
  }

  /** Where images are made. */
  get baking(): Engine {
    const [first] = this.all;
    if (first === undefined) throw new Error('A docker provider without engines.');
    return first;
  }

  /**
   * Where an instance belongs: the copies of one launch must agree, so only what they share decides. The instances
   * of a deployment go round the engines.
   */
  for(mark: Mark, { ordinal = 0 }: Pick<LaunchSpec, 'ordinal'>): Engine {
    const text = `${mark.service}.${mark.environment}`;
    const first = [...text].reduce(
      (sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521,
      7,
    );
    return this.all[(first + ordinal) % this.all.length] ?? this.baking;
  }
}
