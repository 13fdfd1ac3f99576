import type { Figure } from '../figure.ts';
import { bake } from './bake.ts';
import { release } from './release.ts';
import { rollback } from './rollback.ts';
import { services } from './services.ts';

/** What Bakery costs on a real engine behind a real HAProxy, against the same done by hand in the same run. */
export async function onDocker(): Promise<Figure[]> {
  return [...(await bake()), ...(await rollback()), ...(await release()), ...(await services())];
}
