import { PlainPaths } from './plain-paths.ts';

const size = 512;
const kinds: Record<string, Header['kind']> = { '0': 'File', '2': 'SymbolicLink', '5': 'Directory' };
/** Where a header's fields lie (POSIX pax, "ustar Header Block"). */
const fields = {
  name: [0, 100],
  mode: [100, 108],
  size: [124, 136],
  kind: [156, 157],
  link: [157, 257],
  magic: [257, 265],
  prefix: [345, 475],
  // Some writers have times at the end of the prefix.
  rest: [475, 512],
} as const;

/**
 * Looks at a tar's headers while it streams by: whether all of it is ustar in its plainest form, of which every reader makes
 * the same files. Extended headers, sparse files, numbers that are no octal digits, and names that are no ASCII are not.
 */
export class PlainTar {
  readonly #paths = new PlainPaths();
  readonly #block = Buffer.alloc(size);
  #filled = 0;
  /** Bytes of content that come before the next header. */
  #skip = 0;
  #ended = false;
  #odd = false;

  look(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.#odd; ) {
      const step = Math.min(this.#skip > 0 ? this.#skip : size - this.#filled, bytes.length - at);
      if (this.#skip > 0) this.#skip -= step;
      else this.#fill(bytes.subarray(at, at + step));
      at += step;
    }
  }

  /** Once it has streamed by. */
  isPlain(): boolean {
    return !this.#odd && this.#ended && this.#filled === 0 && this.#paths.arePlain();
  }

  #fill(bytes: Buffer): void {
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#filled < size) return;
    this.#filled = 0;
    if (isEmpty(this.#block)) this.#ended = true;
    else this.#header(readHeader(this.#block));
  }

  #header(header: Header | undefined): void {
    if (header === undefined || this.#ended) {
      this.#odd = true;
      return;
    }
    this.#paths.add(header.path, header.kind);
    this.#skip = Math.ceil(header.size / size) * size;
  }
}

interface Header {
  path: string;
  kind: 'File' | 'SymbolicLink' | 'Directory';
  size: number;
}

/** Undefined for one that is not plain. */
function readHeader(block: Buffer): Header | undefined {
  const field = (name: keyof typeof fields): string => block.toString('latin1', ...fields[name]);
  const [name, prefix, link] = [wordOf(field('name')), wordOf(field('prefix')), wordOf(field('link'))];
  const [mode, bytes] = [numberOf(field('mode')), numberOf(field('size'))];
  const kind = kinds[field('kind')];
  const isUstar = field('magic') === 'ustar\x0000' || (field('magic') === 'ustar  \0' && prefix === '');
  if (!isUstar || !isEmpty(block.subarray(...fields.rest)) || kind === undefined) return undefined;
  if (!name || prefix === undefined || link === undefined || mode === undefined || bytes === undefined)
    return undefined;
  // A file whose name ends like a folder's is one to some readers.
  if (kind === 'File' ? name.endsWith('/') : bytes > 0) return undefined;
  return { path: prefix === '' ? name : `${prefix}/${name}`, kind, size: bytes };
}

const isEmpty = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

/** Printable ASCII up to the first zero byte, with nothing but zero bytes behind. */
const wordOf = (field: string): string | undefined => /^([\x20-\x7e]*)\0*$/.exec(field)?.[1];

const numberOf = (field: string): number | undefined => {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
};
