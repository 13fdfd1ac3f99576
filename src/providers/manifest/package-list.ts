/** Something that a package manager put into an image. */
export interface ListedPackage {
  /** Who knows of it: the database or file that names it. */
  kind: 'deb' | 'apk' | 'npm' | 'pypi';
  name: string;
  version: string;
}

const fieldsOf = (paragraph: string): Map<string, string> =>
  new Map(
    [...paragraph.matchAll(/^([A-Za-z][A-Za-z-]*):[ \t]*(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value.trim(),
    ]),
  );

/** `/var/lib/dpkg/status`: those that are installed. The format is deb-control(5). */
export const debPackages = (status: string): ListedPackage[] =>
  status.split(/\n\n+/).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph);
    const [name, version] = [fields.get('Package'), fields.get('Version')];
    const isThere = /(?:^| )installed$/.test(fields.get('Status') ?? '');
    return name === undefined || version === undefined || !isThere ? [] : [{ kind: 'deb', name, version }];
  });

/** `/lib/apk/db/installed`: `P:` is the name and `V:` the version (apk-installed(5)). */
export const apkPackages = (installed: string): ListedPackage[] =>
  installed.split(/\n\n+/).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph);
    const [name, version] = [fields.get('P'), fields.get('V')];
    return name === undefined || version === undefined ? [] : [{ kind: 'apk', name, version }];
  });

/** A `package.json` below a `node_modules`; one without name or version is a part of another package. */
export function npmPackage(text: string): ListedPackage | undefined {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null || !('name' in read) || !('version' in read))
      return undefined;
    const { name, version } = read;
    return typeof name === 'string' && typeof version === 'string'
      ? { kind: 'npm', name, version }
      : undefined;
  } catch {
    return undefined;
  }
}

/** `METADATA` or `PKG-INFO` of an installed Python distribution (the core metadata specification). */
export function pypiPackage(text: string): ListedPackage | undefined {
  const fields = fieldsOf(text.split(/\n\n/)[0] ?? '');
  const [name, version] = [fields.get('Name'), fields.get('Version')];
  return name === undefined || version === undefined ? undefined : { kind: 'pypi', name, version };
}

/** What a file tells of packages; undefined for one that is no such list. */
export function readerOf(path: string): ((text: string) => ListedPackage[]) | undefined {
  if (path === 'var/lib/dpkg/status' || /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path)) return debPackages;
  if (path === 'lib/apk/db/installed') return apkPackages;
  if (/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path))
    return (text) => [npmPackage(text)].flatMap((found) => found ?? []);
  if (/\.dist-info\/METADATA$|\.egg-info\/PKG-INFO$/.test(path))
    return (text) => [pypiPackage(text)].flatMap((found) => found ?? []);
  return undefined;
}
