import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { BuildSecrets } from '../domain/access.ts';
import { ProviderError } from '../provider.ts';
import type { TaskTools } from './contract.ts';

/** A shorter value stands in files by chance. */
const shortest = 8;

/** The values that a build's commands are given, by the names of their variables. Throws ProviderError `bad settings`. */
export async function readBuildSecrets(
  secrets: BuildSecrets = {},
  { secret }: Pick<TaskTools, 'secret'>,
): Promise<Record<string, string>> {
  const read = Object.entries(secrets).map(
    async ([name, reference]) => [name, await secret(reference)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

/**
 * Looks into a file that is about to be kept, and into what it was made of by gzip, for the build's secrets as they are and in
 * base64. Throws ProviderError `command failed`, which names the variable.
 */
export async function refuseSecretsIn(
  file: string,
  name: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const needles = needlesOf(secrets);
  if (needles.length === 0 || !(await stat(file)).isFile()) return;
  const found = (await isGzip(file))
    ? ((await search(file, needles, true)) ?? (await search(file, needles, false)))
    : await search(file, needles, false);
  if (found === undefined) return;
  throw new ProviderError(
    'command failed',
    `${name} holds the build's secret ${found}. It was not kept: whoever gets the package would have it. Have the build leave it out, and give the service a new one if this file went anywhere else.`,
  );
}

interface Needle {
  variable: string;
  bytes: Buffer;
}

function needlesOf(secrets: Readonly<Record<string, string>>): Needle[] {
  return Object.entries(secrets)
    .filter(([, value]) => value.length >= shortest)
    .flatMap(([variable, value]) =>
      // Without padding: it may stand before more of its line.
      [value, Buffer.from(value).toString('base64').replace(/=+$/, '')].map((text) => ({
        variable,
        bytes: Buffer.from(text),
      })),
    );
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** The variable of the first secret that stands in the file, streamed: its size does not matter. */
async function search(file: string, needles: Needle[], unzip: boolean): Promise<string | undefined> {
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length)) - 1;
  let rest = Buffer.alloc(0);
  let found: string | undefined;
  const look = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      const text = Buffer.concat([rest, chunk]);
      found ??= needles.find(({ bytes }) => text.includes(bytes))?.variable;
      if (found !== undefined) return;
      rest = text.subarray(Math.max(0, text.length - overlap));
    }
  };
  const source = createReadStream(file);
  if (!unzip) await pipeline(source, look);
  // What only begins like gzip is looked at as it is.
  else await pipeline(source, createGunzip(), look).catch(() => undefined);
  return found;
}
