import type { Setting, Settings } from './settings.ts';

/** What two sets of named things have not in common; names in order. */
export interface Difference {
  added: string[];
  removed: string[];
  changed: string[];
}

/** Compares what stands under each name. */
export function difference(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): Difference {
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  return {
    added: names.filter((name) => !from.has(name)),
    removed: names.filter((name) => !to.has(name)),
    changed: names.filter((name) => from.has(name) && to.has(name) && from.get(name) !== to.get(name)),
  };
}

export const isSame = ({ added, removed, changed }: Difference): boolean =>
  added.length + removed.length + changed.length === 0;

/** Which settings differ. Values are compared, never repeated; of a secret only its reference is known. */
export const settingsDifference = (from: Settings, to: Settings): Difference =>
  difference(settingsByName(from), settingsByName(to));

const settingsByName = ({ values }: Settings): Map<string, string> =>
  new Map(
    Object.entries(values).map(([name, setting]: [string, Setting]) => [
      name,
      'value' in setting
        ? `value ${setting.value}`
        : `secret ${setting.secret}${setting.file === true ? ' as a file' : ''}`,
    ]),
  );

/** What differs between two images, as their manifests tell it. */
export interface ImageDifference {
  packages: Difference;
  files: Difference;
}

/**
 * Compares two manifests of any provider: packages by name and version (a list `packages`, or the `components` of a
 * bill of materials), files by path and digest (a list `entries` or `files`). Undefined when either lists nothing.
 */
export function imageDifference(from: unknown, to: unknown): ImageDifference | undefined {
  const [before, after] = [contentsOf(from), contentsOf(to)];
  if (before === undefined || after === undefined) return undefined;
  return {
    packages: difference(before.packages, after.packages),
    files: difference(before.files, after.files),
  };
}

function contentsOf(
  manifest: unknown,
): { packages: Map<string, string>; files: Map<string, string> } | undefined {
  if (!isRecord(manifest)) return undefined;
  const packages = named([manifest.packages, manifest.components], 'name', ['version']);
  const files = named([manifest.entries, manifest.files], 'path', ['digest', 'target', 'mode']);
  return packages.size + files.size === 0 ? undefined : { packages, files };
}

function named(lists: unknown[], key: string, what: string[]): Map<string, string> {
  const found = lists.flatMap((list) => (Array.isArray(list) ? list : [])).filter(isRecord);
  return new Map(
    found.flatMap((one): [string, string][] => {
      const name = one[key];
      return typeof name === 'string' && one.kind !== 'folder'
        ? [[name, what.map((field) => String(one[field] ?? '')).join(' ')]]
        : [];
    }),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
