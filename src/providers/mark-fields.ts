import type { Mark } from '../pipeline/domain/task.ts';

/** Under which keys a cloud's labels, tags or properties carry a mark. */
export type MarkKeys = Readonly<Record<keyof Mark, string>>;

/** A mark as texts under these keys: all that a cloud keeps of it. */
export const textsOfMark = (mark: Mark, keys: MarkKeys): Record<string, string> => ({
  [keys.owner]: mark.owner,
  [keys.service]: mark.service,
  [keys.version]: String(mark.version),
  [keys.environment]: mark.environment,
  [keys.effect]: mark.effect,
  [keys.generation]: String(mark.generation),
  [keys.epoch]: String(mark.epoch),
});

/** The mark that is found under these keys (`''`: nothing is there); undefined when it is not Bakery's, or not whole. */
export function readMark(keys: MarkKeys, of: (key: string) => string): Mark | undefined {
  const number = (key: string): number => Number.parseInt(of(key), 10);
  const [owner, effect] = [of(keys.owner), of(keys.effect)];
  const [version, generation, epoch] = [number(keys.version), number(keys.generation), number(keys.epoch)];
  if (owner === '' || effect === '' || [version, generation, epoch].some(Number.isNaN)) return undefined;
  return {
    owner,
    service: of(keys.service),
    version,
    environment: of(keys.environment),
    effect,
    generation,
    epoch,
  };
}

/** Whether two marks are of one effect and generation. */
export const isSameMark = (one: Mark | undefined, other: Mark): boolean =>
  one !== undefined &&
  one.owner === other.owner &&
  one.effect === other.effect &&
  one.generation === other.generation;
