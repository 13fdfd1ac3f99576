import { copyFile, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { extract, type ReadEntry } from 'tar';
import { systemCode } from '../../pipeline/disk-fault.ts';
import type { Package } from '../../pipeline/domain/image.ts';
import { ProviderError } from '../../pipeline/provider.ts';

const archive = /\.(tar|tar\.gz|tgz)$/;
const plainEntries = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir']);

const leavesFolder = (path: string): boolean => {
  const plain = normalize(path);
  return isAbsolute(plain) || plain === '..' || plain.startsWith(`..${sep}`);
};

/** Why an entry may not be unpacked, as the end of a sentence; undefined when it may. */
const objection = (entry: ReadEntry): string | undefined => {
  // Also a `..` that would come back in: no honest archive holds one.
  if (isAbsolute(entry.path) || entry.path.split('/').includes('..')) {
    return `"${entry.path}" leads outside of the package`;
  }
  if (plainEntries.has(entry.type)) return undefined;
  const target = entry.linkpath ?? '';
  if (entry.type === 'SymbolicLink') {
    const leads = isAbsolute(target) || leavesFolder(join(dirname(entry.path), target));
    return leads ? `the link "${entry.path}" leads outside of the package` : undefined;
  }
  if (entry.type === 'Link') {
    return leavesFolder(target) ? `the link "${entry.path}" leads outside of the package` : undefined;
  }
  return `"${entry.path}" is neither a file, a folder nor a link (${entry.type})`;
};

const refused = (name: string, why: string): ProviderError =>
  new ProviderError(
    'denied',
    `The package ${name} is refused: ${why}. No image was made; repair what packs it.`,
  );

const unreadable = (name: string, cause: unknown): ProviderError =>
  new ProviderError(
    'no package',
    `The package ${name} is not a tar archive that can be read to its end. No image was made; look at its package command.`,
    { cause },
  );

/** The archive's own fault, by its code; a full disk has the operating system's. */
const isArchiveError = (error: unknown): boolean => /^(?:TAR_|Z_)/.test(systemCode(error) ?? '');

const unpackArchive = async (file: string, name: string, folder: string): Promise<void> => {
  const objections: string[] = [];
  try {
    await extract({
      file,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      filter: (_path, entry) => {
        // With `extract` the second argument is always the archive's entry, never a file's Stats.
        const why = objection(entry as ReadEntry);
        if (why !== undefined) objections.push(why);
        return why === undefined;
      },
    });
  } catch (error) {
    if (objections.length === 0 && isArchiveError(error)) throw unreadable(name, error);
    if (objections.length === 0) throw error;
  }
  const [first] = objections;
  if (first !== undefined) throw refused(name, first);
};

/**
 * Unpacks a tar (also gzipped) into the folder, or copies any other file in under its own name. Throws ProviderError
 * `denied` for paths, links and devices that have no place in a package, `no package` for an archive that is broken.
 */
export const unpack = async (bytes: Package, file: string, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  if (archive.test(bytes.name)) return unpackArchive(file, bytes.name, folder);
  const name = basename(bytes.name);
  if (name === '' || name === '..' || name === '.') throw refused(name, 'it has no file name');
  await copyFile(file, join(folder, name));
};

/** Refuses a link whose target, with every link on the way followed, is not inside the folder. */
export const checkLink = async (name: string, folder: string, link: string): Promise<void> => {
  const [root, target] = await Promise.all([
    realpath(folder),
    realpath(join(folder, link)).catch(() => undefined),
  ]);
  if (target === undefined) throw refused(name, `the link "${link}" leads nowhere`);
  if (target !== root && !target.startsWith(root + sep)) {
    throw refused(name, `the link "${link}" leads outside of the package`);
  }
};
