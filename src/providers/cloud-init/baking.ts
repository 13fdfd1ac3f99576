import { basename } from 'node:path';
import type { Digest } from '../../pipeline/domain/time.ts';
import { type BakeOrder, ProviderError } from '../../pipeline/provider.ts';
import { bakeProgram } from './bake-program.ts';
import { userData } from './user-data.ts';

/** Where a builder gets what it installs, and where it leaves what it has to say. Each URL is good by itself. */
export interface BakeUrls {
  package: string;
  /** By the file's path in the image. */
  files: ReadonlyMap<string, string>;
  /** To be written (PUT) with what is in the image. */
  manifest: string;
  /** To be written (PUT) with how it ended. */
  report: string;
}

const python = '/usr/bin/python3';

/** Throws `denied` for what machines cannot be made from. */
export function checkMachineRecipe({ recipe, package: made }: Pick<BakeOrder, 'recipe' | 'package'>): void {
  const refused = (sentence: string): ProviderError => new ProviderError('denied', sentence);
  if (recipe.dockerfile !== undefined)
    throw refused(
      'Images of machines are not made from a Dockerfile. Nothing was baked; leave image.dockerfile out and make a package, or use a provider of kind docker.',
    );
  if (recipe.base === '')
    throw refused('The recipe names no base. Nothing was baked; set image.base to an image of the cloud.');
  if (basename(made.name) !== made.name || made.name.startsWith('.'))
    throw refused(
      `The package ${made.name} has no plain file name. Nothing was baked; rename what is built.`,
    );
}

/** What a builder is told: it bakes by itself, reports, and switches itself off. */
export function bakingUserData({ package: made, recipe }: BakeOrder, urls: BakeUrls): Buffer {
  const files = (recipe.files ?? []).map(({ path, mode, digest }) => ({
    path,
    mode,
    digest,
    url: urls.files.get(path),
  }));
  const plan = {
    package: { name: made.name, digest: made.digest, url: urls.package },
    packages: recipe.packages,
    files,
    folders: recipe.folders ?? [],
    user: recipe.user,
    manifest: urls.manifest,
    report: urls.report,
  };
  return userData(
    [
      { path: '/etc/bakery/plan.json', mode: '0600', content: JSON.stringify(plan) },
      { path: '/etc/bakery/bake.py', mode: '0600', content: bakeProgram },
    ],
    // Behind cloud-init, which is cleaned away at its end.
    [['systemd-run', '--no-block', '--unit=bakery-bake', python, '/etc/bakery/bake.py']],
  );
}

/** What a builder said at its end. */
export type BakeReport =
  | { is: 'done'; tree: Digest }
  | { is: 'failed'; why: string; sentence: string; lines: string[] };

const faultOf = (why: string): ProviderError['fault'] => {
  switch (why) {
    case 'fetch':
    case 'package server':
      return 'unreachable';
    case 'install':
    case 'installer':
    case 'account':
      return 'denied';
    case 'unpack':
      return 'no package';
    default:
      return 'command failed';
  }
};

/** Reads a report. Throws `unexpected state` for a text that is none. */
export function bakeReportOf(text: string): BakeReport {
  const read = parsed(text);
  const told = new Map(Object.entries(read ?? {}));
  const lines = told.get('lines');
  if (told.get('is') === 'done' && typeof told.get('tree') === 'string')
    return { is: 'done', tree: String(told.get('tree')) };
  if (told.get('is') === 'failed')
    return {
      is: 'failed',
      why: String(told.get('why')),
      sentence: String(told.get('sentence')),
      lines: Array.isArray(lines) ? lines.map(String) : [],
    };
  throw new ProviderError(
    'unexpected state',
    'The builder left a report that is none. No image was made; look who writes into its place, then bake again.',
  );
}

/** The failure that a builder reported. */
export const bakeFailure = ({ why, sentence, lines }: Extract<BakeReport, { is: 'failed' }>): ProviderError =>
  new ProviderError(
    faultOf(why),
    `${sentence.replace(/\.?$/, '.')} No image was made; the builder's last lines say more.`,
    { lines },
  );

function parsed(text: string): object | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}
