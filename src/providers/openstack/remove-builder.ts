import type { Cloud } from './cloud-parts.ts';
import { key } from './marks.ts';
import type { Server } from './servers.ts';

/** Removes a server that baked, and what it left in the object store. */
export async function removeBuilder(
  { servers, swift }: Cloud,
  { id, metadata = {} }: Server,
  signal: AbortSignal,
): Promise<void> {
  const report = metadata[key.report];
  if (report !== undefined) for (const name of [report, `${report}.tree`]) await swift.remove(name, signal);
  await servers.remove(id, signal);
}
