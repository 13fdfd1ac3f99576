import type { Actor } from '../domain/actor.ts';
import type { InstallationEvent } from '../domain/event.ts';
import type { Installation } from '../domain/installation.ts';
import type { Digest, TextRef } from '../domain/time.ts';

/** What was seen of the operators' files. */
export interface FilesSeen {
  /** Whose the newest changed file is: as much as the machine knows of who changed it. */
  by: Actor;
  /** Of all files. */
  digest: Digest;
  /** Of each that changed, by name; of all of them at a start. */
  changed: Record<string, Digest>;
  gone: string[];
  /** Parts of bot.yaml that differ from what this process was started with. */
  restart: string[];
  atStart: boolean;
  /** Why they were not taken; they were when it is left out. */
  problems?: string[];
}

/** What is written down of it; nothing when the ledger knows it already. */
export function filesSeen(
  { files }: Installation,
  { by, digest, changed, gone, restart, atStart, problems }: FilesSeen,
  text: (words: string) => TextRef,
): InstallationEvent[] {
  if (problems !== undefined) {
    const count = problems.length;
    return [{ type: 'FilesRefused', service: 'all', by, digest, count, problems: text(problems.join('\n')) }];
  }
  if (files?.digest === digest && files.refused === undefined) return [];
  const quiet = atStart ? { atStart } : {};
  return [{ type: 'FilesTaken', service: 'all', by, digest, changed, gone, restart, ...quiet }];
}
