import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { readMark, textsOfMark } from '../mark-fields.ts';

/** Neutron's limit of a description, in characters. */
const longest = 255;
const field = {
  owner: 'bakery',
  service: 's',
  version: 'v',
  environment: 'e',
  effect: 'f',
  generation: 'g',
  epoch: 'p',
};

/** A mark as the description of something of Neutron's: the one text that it takes when it makes it. */
export function describing(mark: Mark): string {
  const text = JSON.stringify(textsOfMark(mark, field));
  if (text.length <= longest) return text;
  throw new ProviderError(
    'bad settings',
    `What a floating address or a port would say of itself has ${text.length} characters, and Neutron takes ${longest}. Nothing was made; give the service a shorter name, or leave out floatingNetwork and ports.`,
  );
}

const texts = z.record(z.string(), z.string());

/** The mark that a description holds; undefined when it is not Bakery's. */
export function described(description: string): Mark | undefined {
  let found: unknown;
  try {
    found = JSON.parse(description);
  } catch {
    return undefined;
  }
  const checked = texts.safeParse(found);
  return checked.success ? readMark(field, (key) => checked.data[key] ?? '') : undefined;
}
