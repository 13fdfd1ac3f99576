import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import type { ReportStore } from '../cloud-init/command-reports.ts';
import { markKey } from '../instance-name.ts';
import { type Cloud, callTime } from './cloud.ts';
import { asProviderError, isNoSuchObject, unless } from './faults.ts';

/** How long a builder's URLs are good: as long as a bake may take. */
const goodFor: Millis = 2 * 60 * 60 * 1_000;
/** No signature holds longer (S3 User Guide, "Expiration time for presigned URLs"). */
const longestUrl: Millis = 7 * 24 * 60 * 60 * 1_000;
/** The slowest upload that is waited for, in bytes a millisecond. */
const slowest = 1_000;
/** How often one upload is tried, and the pause before the next. */
const tries = 3;
const between: Millis = 1_000;

/**
 * The bucket: `OWNER/bakes/…` is what builders are given and leave, `OWNER/taken/…` which release took an image that
 * another one made, `OWNER/commands/…` what machines tell of commands.
 */
export class Bucket implements ReportStore {
  readonly #cloud: Cloud;
  readonly #name: string;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#name = cloud.settings.bucket;
  }

  /** Tried again with the file from its beginning: the SDK does not try again what it streams. Throws ProviderError. */
  async upload(key: string, file: string, size: number, call: Call): Promise<void> {
    for (let left = tries - 1; ; left -= 1) {
      try {
        return await this.#put(key, file, size, call);
      } catch (error) {
        const passes =
          error instanceof ProviderError && (error.fault === 'unreachable' || error.fault === 'busy');
        if (!passes || left === 0) throw error;
        // Cancelled meanwhile, the next try says so.
        await pause(between, undefined, { signal: call.signal }).catch(() => undefined);
      }
    }
  }

  async #put(key: string, file: string, size: number, call: Call): Promise<void> {
    const within: Millis = callTime + Math.ceil(size / slowest);
    await this.#cloud.change(
      's3:PutObject',
      call,
      (options) => {
        const body = { Bucket: this.#name, Key: key, Body: createReadStream(file), ContentLength: size };
        return this.#cloud.s3.send(new PutObjectCommand(body), {
          ...options,
          requestTimeout: within,
        });
      },
      within,
    );
  }

  /** Undefined when there is no such object. */
  async read(key: string, call: Pick<Call, 'signal'>): Promise<string | undefined> {
    const found = await unless(
      isNoSuchObject,
      this.#cloud.ask('s3:GetObject', call, async (options) => {
        const command = new GetObjectCommand({ Bucket: this.#name, Key: key });
        const { Body } = await this.#cloud.s3.send(command, options);
        return Body?.transformToString();
      }),
    );
    return found;
  }

  /** Has what a builder is given be good for as long as it can be: credentials that end before are renewed first. */
  async renew(call: Pick<Call, 'log'>): Promise<void> {
    const left = await this.#leftFor(goodFor);
    if (left < goodFor)
      call.log(
        `The builder's addresses are good for ${Math.floor(left / 60_000)} min, as long as the session of this worker: a bake that takes longer cannot tell how it ended.`,
      );
  }

  readUrl(key: string): Promise<string> {
    return this.#sign('GET', key, goodFor);
  }

  writeUrl(key: string): Promise<string> {
    return this.#sign('PUT', key, goodFor);
  }

  /** A URL is no longer good than who signed it. Throws `bad settings` when that is not long enough. */
  async address(method: 'GET' | 'PUT', key: string, lasts: Millis): Promise<string> {
    await this.#ensureGoodFor(lasts);
    return this.#sign(method, key, lasts);
  }

  #sign(method: 'GET' | 'PUT', Key: string, lasts: Millis): Promise<string> {
    const object = { Bucket: this.#name, Key };
    const command = method === 'GET' ? new GetObjectCommand(object) : new PutObjectCommand(object);
    return getSignedUrl(this.#cloud.s3, command, { expiresIn: Math.ceil(lasts / 1_000) });
  }

  async #ensureGoodFor(lasts: Millis): Promise<void> {
    if ((await this.#leftFor(lasts)) >= lasts) return;
    throw new ProviderError(
      'bad settings',
      `A machine has up to ${Math.ceil(lasts / 60_000)} min to tell how its command ended, and the session of this worker ends before that, so it could not tell it. Nothing was begun; give the command a shorter timeout, or the workers credentials that are good for longer (a role that is assumed holds for an hour).`,
    );
  }

  /** How long what is signed now is good, by credentials that are renewed when they end before `lasts`. */
  async #leftFor(lasts: Millis): Promise<Millis> {
    const { credentials } = this.#cloud.s3.config;
    const left = async (forceRefresh: boolean): Promise<Millis> => {
      const { expiration } = await credentials({ forceRefresh });
      return expiration === undefined ? longestUrl : expiration.getTime() - this.#cloud.settings.now();
    };
    try {
      const now = await left(false);
      return now >= lasts ? now : await left(true);
    } catch (error) {
      throw asProviderError(error, 's3:PutObject');
    }
  }

  async list(prefix: string, call: Pick<Call, 'signal'>): Promise<string[]> {
    const found: string[] = [];
    let from: string | undefined;
    do {
      const page = await this.#cloud.ask('s3:ListBucket', call, (options) =>
        this.#cloud.s3.send(
          new ListObjectsV2Command({ Bucket: this.#name, Prefix: prefix, ContinuationToken: from }),
          options,
        ),
      );
      found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      from = page.NextContinuationToken;
    } while (from !== undefined);
    return found;
  }

  async removeAll(prefix: string, call: Call): Promise<void> {
    for (const key of await this.list(prefix, call)) await this.remove(key, call);
  }

  async remove(key: string, call: Call): Promise<void> {
    await this.#cloud.change('s3:DeleteObject', call, (options) =>
      this.#cloud.s3.send(new DeleteObjectCommand({ Bucket: this.#name, Key: key }), options),
    );
  }

  /** Keeps that a mark's release took an image that another one made; the whole mark is in the key. */
  async take(image: string, mark: Mark, call: Call): Promise<void> {
    const told = Buffer.from(JSON.stringify(mark)).toString('base64url');
    const key = `${mark.owner}/taken/${image}/${markKey(mark)}/${told}`;
    await this.#cloud.change('s3:PutObject', call, (options) =>
      this.#cloud.s3.send(new PutObjectCommand({ Bucket: this.#name, Key: key, Body: '' }), options),
    );
  }

  async taken(owner: string, call: Pick<Call, 'signal'>): Promise<{ image: string; mark: Mark }[]> {
    return (await this.list(`${owner}/taken/`, call)).flatMap((key) => {
      const [, , image = '', , told = ''] = key.split('/');
      // Written by `take` only.
      const mark = JSON.parse(Buffer.from(told, 'base64url').toString('utf8')) as Mark;
      return [{ image, mark }];
    });
  }
}
