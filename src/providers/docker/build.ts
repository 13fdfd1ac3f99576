import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ImageBuildOptions } from 'dockerode';
import { type BakeOrder, type Call, ProviderError } from '../../pipeline/provider.ts';
import { noApt, noPackageServer } from './dockerfile.ts';
import type { Engine } from './engine.ts';

/** One message of a build's or a push's output. */
export interface Message {
  stream?: string;
  status?: string;
  error?: string;
  errorDetail?: { code?: number; message?: string };
  aux?: { ID?: string; Digest?: string; Size?: number };
}

/** An engine's failure in the middle of its output, with the exit code of the command that failed, if one did. */
export class BuildError extends Error {
  readonly code: number | undefined;
  readonly lines: string[];
  constructor(message: string, code: number | undefined, lines: string[]) {
    super(message);
    this.name = 'BuildError';
    this.code = code;
    this.lines = lines;
  }
}

const keptLines = 40;

/** Reads an engine's output to its end: `onMessage` gets each message. Throws BuildError for one that is an error. */
export async function follow(
  output: NodeJS.ReadableStream,
  onMessage: (message: Message) => void,
): Promise<void> {
  const last: string[] = [];
  for await (const line of createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    // What the engine's own API is documented to send, one JSON object a line.
    const message = JSON.parse(line) as Message;
    if (message.error !== undefined) throw new BuildError(message.error, message.errorDetail?.code, last);
    const text = message.stream?.trimEnd() ?? '';
    if (text !== '') last.push(...text.split('\n'));
    last.splice(0, Math.max(0, last.length - keptLines));
    onMessage(message);
  }
}

/** Builds an image and gives its id. Each line of its output goes to the log. */
export async function build(
  { patient }: Engine,
  context: Readable,
  options: ImageBuildOptions,
  call: Call,
): Promise<string> {
  let id: string | undefined;
  const output = await patient.buildImage(context, { ...options, abortSignal: call.signal });
  await follow(output, ({ stream, aux }) => {
    id = aux?.ID ?? id;
    for (const line of stream?.trimEnd().split('\n') ?? []) if (line !== '') call.log(line);
  });
  if (id === undefined) throw new Error('The engine built an image and did not name it.');
  return id;
}

/** Runs a build of an order; what fails in it comes out in words: what it asked for, and what to do. */
export async function sayingWhat<Value>(
  { recipe, package: made }: BakeOrder,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const needsApt = made.name.endsWith('.deb') ? [made.name] : [];
    throw buildFailure(error, [...recipe.packages, ...needsApt]);
  }
}

function buildFailure(error: BuildError, packages: string[]): ProviderError {
  const { code, lines } = error;
  const wanted = packages.join(', ');
  const told = { cause: error, lines };
  if (code === noApt)
    return new ProviderError(
      'denied',
      `The packages ${wanted} cannot be installed: the base has no apt. Nothing was baked; take a base of Debian's kind, or write a Dockerfile.`,
      told,
    );
  if (code === noPackageServer)
    return new ProviderError(
      'unreachable',
      `The servers of OS packages could not be reached from the engine, for ${wanted}. Bakery tries again.`,
      told,
    );
  if (code !== undefined && packages.length > 0)
    return new ProviderError(
      'denied',
      `The base's apt does not install ${wanted} (exit code ${code}). Nothing was baked; correct image.packages.`,
      told,
    );
  if (code !== undefined)
    return new ProviderError(
      'command failed',
      `A command of the image's recipe failed with exit code ${code}. Nothing was baked; its last lines say why.`,
      told,
    );
  return new ProviderError(
    'command failed',
    `The image could not be built: ${error.message.slice(0, 500)}. Nothing was baked.`,
    told,
  );
}
