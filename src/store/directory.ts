import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import {
  access,
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onDisk, systemCode } from '../pipeline/disk-fault.ts';
import type { Digest } from '../pipeline/domain/time.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { LogChunk, Store } from '../pipeline/store.ts';
import { sweepDirectory } from './sweep-directory.ts';

const digestPattern = /^sha256:([0-9a-f]{2})([0-9a-f]{62})$/;
const logPattern = /^[A-Za-z0-9][A-Za-z0-9._@=+-]{0,199}$/;
/** By time, and who wrote it. What has a number alone is older than any time. */
const chunkPattern = /^(?:[0-9]{8}|[0-9]{13}-[0-9a-f]{16})\.log$/;
const defaultLogBytes = 4 * 1024 * 1024;

/** Lets bytes through and knows their digest and number afterwards. */
class Digesting extends Transform {
  readonly #hash = createHash('sha256');
  size = 0;

  override _transform(bytes: Buffer, _encoding: string, done: (error: null, bytes: Buffer) => void): void {
    this.#hash.update(bytes);
    this.size += bytes.length;
    done(null, bytes);
  }

  digest(): Digest {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/** Writes to a name that nobody looks at, so that a crash leaves nothing half under the right name. */
const writeAside = async (root: string, bytes: Readable): Promise<{ file: string; digesting: Digesting }> => {
  await mkdir(join(root, 'tmp'), { recursive: true });
  const file = join(root, 'tmp', randomBytes(12).toString('hex'));
  const digesting = new Digesting();
  try {
    await pipeline(bytes, digesting, createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return { file, digesting };
};

const moveInto = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
};

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const missing = (digest: Digest): ProviderError =>
  new ProviderError(
    'unexpected state',
    `The store has nothing under ${digest}. It may have been cleaned up: build that release again.`,
  );

const blobFile = (root: string, digest: Digest): string => {
  const [, head, rest] = digestPattern.exec(digest) ?? [];
  if (head === undefined || rest === undefined) throw new ProviderError('bug', `"${digest}" is no digest.`);
  return join(root, 'sha256', head, rest);
};

const logFolder = (root: string, log: string): string => {
  if (!logPattern.test(log)) throw new ProviderError('bug', `"${log}" cannot be the id of a log.`);
  return join(root, 'logs', log);
};

const chunkFile = ({ at, by }: LogChunk): string => {
  if (!Number.isSafeInteger(at) || at < 0 || at > 9_999_999_999_999)
    throw new ProviderError('bug', `${at} cannot be the time of a log's chunk.`);
  const writer = createHash('sha256').update(by).digest('hex').slice(0, 16);
  return `${String(at).padStart(13, '0')}-${writer}.log`;
};

const chunksOf = async (folder: string): Promise<string[]> => {
  try {
    return (await readdir(folder)).filter((name) => chunkPattern.test(name)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
};

const put = async (root: string, bytes: Readable | Buffer | string): ReturnType<Store['put']> => {
  const source = bytes instanceof Readable ? bytes : Readable.from([Buffer.from(bytes)]);
  const { file, digesting } = await writeAside(root, source);
  const digest = digesting.digest();
  const final = blobFile(root, digest);
  if (await isThere(final)) {
    // It counts as new: a sweep that has not heard of it yet leaves it.
    await utimes(final, new Date(), new Date());
    await rm(file);
  } else {
    await chmod(file, 0o444);
    await moveInto(file, final);
    await syncFolder(dirname(final));
  }
  return { digest, size: digesting.size };
};

const openBlob = async (root: string, digest: Digest): Promise<Readable> => {
  const file = blobFile(root, digest);
  if (!(await isThere(file))) throw missing(digest);
  return createReadStream(file);
};

const fetchTo = async (root: string, digest: Digest, file: string): Promise<void> => {
  const digesting = new Digesting();
  await pipeline(await openBlob(root, digest), digesting, createWriteStream(file));
  if (digesting.digest() === digest) return;
  await rm(file, { force: true });
  throw new ProviderError(
    'unexpected state',
    `What the store holds under ${digest} are other bytes. Nothing was used: check the disk, then build again.`,
  );
};

/** Whoever ships waits for it, so it is not waited for until the disk has it: a power cut may cost the last lines. */
const appendLog = async (root: string, log: string, chunk: LogChunk, text: string): Promise<void> => {
  const final = join(logFolder(root, log), chunkFile(chunk));
  const aside = join(root, 'tmp', randomBytes(12).toString('hex'));
  await mkdir(dirname(aside), { recursive: true });
  try {
    await writeFile(aside, text, { flag: 'wx', mode: 0o600 });
    await moveInto(aside, final);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
};

const readLog = async (root: string, log: string, maxBytes: number): Promise<string> => {
  const folder = logFolder(root, log);
  const parts: Buffer[] = [];
  let left = maxBytes;
  for (const name of (await chunksOf(folder)).reverse()) {
    if (left <= 0) break;
    const bytes = await readFile(join(folder, name));
    parts.unshift(bytes.subarray(Math.max(0, bytes.length - left)));
    left -= bytes.length;
  }
  return Buffer.concat(parts).toString('utf8');
};

/**
 * The store as a directory: bytes read-only under `sha256/ab/cdef…`, logs as numbered chunks under `logs/`. Any
 * number of processes may use it at once. Throws ProviderError, `disk full` when the disk is.
 */
export const directoryStore = (root: string): Store => ({
  put: (bytes) => onDisk('put a file into the store', () => put(root, bytes)),
  get: (digest) => onDisk('read a file of the store', () => openBlob(root, digest)),
  has: (digest) =>
    onDisk('look into the store', () =>
      stat(blobFile(root, digest)).then(
        () => true,
        () => false,
      ),
    ),
  fetch: (digest, file) => onDisk('fetch a file from the store', () => fetchTo(root, digest, file)),
  appendLog: (log, chunk, text) => onDisk('write a log', () => appendLog(root, log, chunk, text)),
  readLog: (log, maxBytes = defaultLogBytes) => onDisk('read a log', () => readLog(root, log, maxBytes)),
  sweep: (keep, before) => onDisk('clean up the store', () => sweepDirectory(root, keep, before)),
});
