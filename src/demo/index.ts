import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tellStory } from './auto.ts';
import { runDemo } from './demo.ts';

/** `bakery demo`. Returns the exit code. */
export async function demo({ auto, keep }: { auto?: boolean; keep?: string }): Promise<number> {
  if (auto !== true) {
    await runDemo({ root: resolve(keep ?? '.demo') });
    return 0;
  }
  const root = keep === undefined ? mkdtempSync(join(tmpdir(), 'bakery-demo-')) : resolve(keep);
  const good = await tellStory(root, console.log);
  if (keep === undefined) rmSync(root, { recursive: true, force: true });
  else console.log(`The data directory was kept: ${root}`);
  return good ? 0 : 1;
}
