import { fileURLToPath } from 'node:url';

/**
 * Where the compiled entry of a child process lies, given the `import.meta.url` of the file that starts it and
 * the entry's path relative to that file (`./main.js`). Node.js 20 cannot run TypeScript, so from `src/…` this
 * is the file of the same place under `dist/…`, which the build has made; from `dist/…` it is the file itself.
 */
export function childEntry(metaUrl: string, relative: string): string {
  const file = fileURLToPath(new URL(relative, metaUrl)).replace(/\.ts$/, '.js');
  if (!metaUrl.endsWith('.ts')) return file;
  const at = file.lastIndexOf('/src/');
  return at < 0 ? file : `${file.slice(0, at)}/dist/${file.slice(at + '/src/'.length)}`;
}
