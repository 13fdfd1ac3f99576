import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { request } from 'undici';
import { readSecret } from '../config/secret.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import { ProviderError } from '../pipeline/provider.ts';
import { bakerySignature } from '../triggers/signature.ts';
import { uploadText } from '../triggers/submit.ts';
import { withPackageOf } from './submit-image.ts';

export interface SubmitOrder {
  /** Bakery's address, as the CI reaches it. */
  to: string;
  service: string;
  commit: string;
  ref?: string;
  package: string;
  tests: string[];
  hotfix?: string;
  key: string;
}

/** As the command line has it. */
type Written = Omit<SubmitOrder, 'package'> & { package?: string; image?: string };

const uploadTime: Millis = 30 * 60_000;
const answerTime: Millis = 60_000;
const tries = 5;

/** `bakery submit`: hands a package that an outside CI has built over to Bakery. Needs no configuration. */
export function addSubmit(program: Command): void {
  program
    .command('submit')
    .description(
      'hands a package that an outside CI has built over to Bakery, with its commit and test reports',
    )
    .requiredOption('--to <url>', "Bakery's address, for example https://bakery.example.com")
    .requiredOption('--service <name>', 'the service')
    .requiredOption('--commit <sha>', 'the whole id of the commit that it was built from')
    .option('--ref <branch>', 'the branch or tag that it lies on; the service’s branch when it is left out')
    .option('--package <file>', 'the package')
    .option('--image <reference>', 'in its place an image in a registry, by digest: docker providers alone')
    .option('--tests <file...>', 'JUnit reports of the tests that were run', [])
    .option('--hotfix <reason>', 'what waits for a person gives way to it')
    .option('--key <reference>', 'where the key is: env:NAME or file:/path', 'env:BAKERY_SUBMIT_KEY')
    .action(async ({ key, package: file, image, ...order }: Written) => {
      if ((file === undefined) === (image === undefined))
        throw new ProviderError('no package', 'Hand over one of --package and --image. Nothing was done.');
      const submit = async (made: string) =>
        submitPackage({ ...order, package: made, key: await readSecret(key) });
      console.log(await (image === undefined ? submit(file ?? '') : withPackageOf(image, submit)));
    });
}

/** Uploads what the store does not have yet, then submits. Resolves to Bakery's sentence; throws ProviderError. */
export async function submitPackage(order: SubmitOrder): Promise<string> {
  const { service, commit, ref, hotfix, key } = order;
  const made = await described(order.package);
  const reports = await Promise.all(order.tests.map(described));
  for (const file of [made, ...reports]) await upload(order, file);
  const body = JSON.stringify({
    id: randomUUID(),
    commit,
    ...(ref === undefined ? {} : { ref }),
    ...(hotfix === undefined ? {} : { hotfix }),
    package: { name: basename(order.package), digest: made.digest, size: made.size },
    reports: reports.map(({ digest }) => digest),
  });
  const sending = { path: `/submit/${service}`, text: body, key, time: answerTime };
  const { status, sentence } = await send(order.to, 'POST', sending, () => body);
  if (status >= 300) throw refusedWith(sentence);
  return sentence;
}

interface LocalFile {
  path: string;
  digest: string;
  size: number;
}

/** Only what the store does not have: asking first tells of a wrong key before anything large is sent. */
async function upload({ to, service, key }: SubmitOrder, file: LocalFile): Promise<void> {
  const path = `/submit/${service}/${file.digest}`;
  const sending = { path, text: uploadText(service, file.digest), key };
  const known = await send(to, 'GET', { ...sending, time: answerTime }, () => null);
  if (known.status === 200) return;
  if (known.status !== 404 || !known.sentence.startsWith('The store')) throw refusedWith(known.sentence);
  const stored = await send(to, 'PUT', { ...sending, time: uploadTime }, () => createReadStream(file.path));
  if (stored.status >= 300) throw refusedWith(stored.sentence);
}

const refusedWith = (sentence: string): ProviderError =>
  new ProviderError('denied', `Bakery answers: ${sentence}`);

async function described(path: string): Promise<LocalFile> {
  const hash = createHash('sha256');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile())
    throw new ProviderError('no package', `There is no file ${path}. Nothing was handed over.`);
  await pipeline(createReadStream(path), hash);
  return { path, digest: `sha256:${hash.digest('hex')}`, size: found.size };
}

interface Sending {
  path: string;
  /** What is signed. */
  text: string;
  key: string;
  time: Millis;
}

interface Answered {
  status: number;
  sentence: string;
}

/** Each try is signed anew, so that a signature never grows old. Throws ProviderError `unreachable` after five. */
async function send(
  to: string,
  method: 'GET' | 'PUT' | 'POST',
  sending: Sending,
  body: () => Readable | string | null,
): Promise<Answered> {
  for (let tried = 1; ; tried++) {
    const answer = await sendOnce(new URL(sending.path, to), method, sending, body());
    if (!(answer instanceof ProviderError) && answer.status < 500) return answer;
    if (tried === tries) {
      if (answer instanceof ProviderError) throw answer;
      return answer;
    }
    await pause(1_000 * 2 ** tried);
  }
}

async function sendOnce(
  url: URL,
  method: 'GET' | 'PUT' | 'POST',
  { text, key, time }: Sending,
  body: Readable | string | null,
): Promise<Answered | ProviderError> {
  try {
    const headers = { 'x-bakery-signature': bakerySignature(key, text, Date.now()) };
    const signal = AbortSignal.timeout(time);
    const answer = await request(url, {
      method,
      headers,
      body,
      signal,
      headersTimeout: time,
      bodyTimeout: time,
    });
    return { status: answer.statusCode, sentence: (await answer.body.text()).trim() };
  } catch (cause) {
    return new ProviderError('unreachable', `Bakery at ${url.origin} does not answer.`, { cause });
  }
}
