import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { QueueDirectoryError } from '../away.ts';

/** Who holds a directory: told apart from a later process with the same number by its start time and the boot. */
interface Holder {
  pid: number;
  started: string;
  boot: string;
}

/**
 * Takes a directory for this process alone, by a lock file beside the data. A holder that is gone, killed or of an
 * earlier boot holds nothing. Returns how to give it back. Throws QueueDirectoryError when a living process has it.
 */
export function holdExclusively(file: string, directory: string): () => void {
  const me = identify(process.pid);
  if (!me)
    throw new QueueDirectoryError(
      `The embedded queue in ${directory} cannot be locked: /proc is not readable.`,
    );
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(me));
  try {
    for (let tries = 0; tries < 5; tries++) {
      if (link(mine, file)) return () => rmSync(file, { force: true });
      const holder = read(file);
      if (holder && lives(holder))
        throw new QueueDirectoryError(
          `The embedded queue in ${directory} is in use by process ${holder.pid}. Nothing was touched; stop that process, or give this one a data directory of its own.`,
        );
      setAside(file, holder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  throw new QueueDirectoryError(
    `The embedded queue in ${directory} is being opened by several processes at once. Start one.`,
  );
}

/** Moves a lock that holds nothing out of the way; if another process was quicker, puts its lock back. */
function setAside(file: string, seen: Holder | undefined): void {
  const aside = `${file}.gone.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another process did it
  }
  if (JSON.stringify(read(aside)) !== JSON.stringify(seen)) link(aside, file);
  rmSync(aside, { force: true });
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw thrown;
  }
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function lives(holder: Holder): boolean {
  const now = identify(holder.pid);
  return now !== undefined && now.started === holder.started && now.boot === holder.boot;
}

/** Start time in clock ticks since boot: the 22nd field of stat, counted after the name, which may hold blanks. */
function identify(pid: number): Holder | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return {
      pid,
      started: fields[19] ?? '',
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    };
  } catch {
    return undefined;
  }
}
