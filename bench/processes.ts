import { readdirSync, readFileSync } from 'node:fs';

/** The ids of all processes that name `root` in their arguments, environment or files, and of all that those started. */
export function processesOf(root: string): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => id !== process.pid);
  const found = new Set(all.filter((id) => names(id, root)));
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const id of all) if (found.has(parentOf(id))) found.add(id);
  }
  return [...found];
}

function parentOf(id: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

function names(id: number, root: string): boolean {
  try {
    const [args, environment, folder] = ['cmdline', 'environ', 'maps'].map((file) =>
      readFileSync(`/proc/${id}/${file}`, 'utf8'),
    );
    return [args, environment, folder].some((text) => text?.includes(root) === true);
  } catch {
    // It has ended, or is another one's.
    return false;
  }
}

/** Proportional share: what several processes share (Node.js itself) counts once among them. */
export function residentMegabytes(id: number): number {
  return kilobytes(`/proc/${id}/smaps_rollup`, 'Pss') / 1024;
}

/** Resident memory of one process as `ps` shows it. */
export function wholeMegabytes(id: number): number {
  return kilobytes(`/proc/${id}/status`, 'VmRSS') / 1024;
}

function kilobytes(file: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'));
  return Number(found?.[1] ?? Number.NaN);
}
