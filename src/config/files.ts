import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Digest } from '../pipeline/domain/time.ts';
import { botFileSchema } from './bot-file.ts';
import { readDocument } from './document.ts';

/** A file as it was read once: its text, or why there is none. */
export interface ConfigFile {
  path: string;
  /** Relative to the folder of bot.yaml. */
  name: string;
  text: string | Error;
}

/** The operators' files as they stood at one look. */
export interface ConfigFiles {
  /** The folder of bot.yaml. */
  dir: string;
  bot: ConfigFile;
  services: ConfigFile[];
  /** Where `bot.yaml` looks for services. */
  pattern: string;
  /** Of each file's bytes, by its name. */
  digests: Record<string, Digest>;
  /** Of all of them. */
  digest: Digest;
}

/** Reads `bot.yaml` of a folder and the services' files that it names. Never throws. */
export async function readConfigFiles(dir: string): Promise<ConfigFiles> {
  const folder = resolve(dir);
  const bot = await read(folder, join(folder, 'bot.yaml'));
  const reading = typeof bot.text === 'string' ? readDocument(bot.text, bot.name, botFileSchema) : undefined;
  const pattern = reading?.ok ? reading.value.services : 'services/*.yaml';
  const services = await Promise.all((await serviceFiles(folder, pattern)).map((path) => read(folder, path)));
  const digests = Object.fromEntries([bot, ...services].map(({ name, text }) => [name, digestOf(text)]));
  return { dir: folder, bot, services, pattern, digests, digest: digestOf(JSON.stringify(digests)) };
}

async function read(folder: string, path: string): Promise<ConfigFile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  return { path, name: relative(folder, path), text };
}

/** What cannot be read is told apart by why. */
const digestOf = (text: string | Error): Digest =>
  `sha256:${createHash('sha256')
    .update(typeof text === 'string' ? text : unread(text))
    .digest('hex')}`;

export const unread = (error: Error): string =>
  `This file cannot be read (${'code' in error ? String(error.code) : error.name})`;

/** Files of a folder, or of `folder/pattern` where `*` stands for any text in the last part; sorted. */
async function serviceFiles(folder: string, pattern: string): Promise<string[]> {
  const whole = resolve(folder, pattern);
  const asFolder = await listing(whole);
  if (asFolder !== undefined)
    return asFolder.filter((name) => /\.ya?ml$/.test(name)).map((name) => join(whole, name));
  const parts = basename(whole)
    .split('*')
    .map((part) => part.replace(/[^A-Za-z0-9]/g, '\\$&'));
  const wanted = new RegExp(`^${parts.join('.*')}$`);
  const names = (await listing(dirname(whole))) ?? [];
  return names
    .filter((name) => !name.startsWith('.') && wanted.test(name))
    .map((name) => join(dirname(whole), name));
}

async function listing(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return undefined;
  }
}
