import { basename } from 'node:path';
import type { Package } from '../../pipeline/domain/image.ts';
import type { Recipe } from '../../pipeline/domain/service-file.ts';
import { ProviderError } from '../../pipeline/provider.ts';

/** How the step that installs OS packages ends when the base has no apt, or no packages' server answers. */
export const noApt = 96;
export const noPackageServer = 97;
/** The account of an instance whose recipe names none: any number that owns nothing. */
export const nobody = '10001';

const archive = /\.(tar|tar\.gz|tgz)$/;

export const isArchive = ({ name }: Package): boolean => archive.test(name);

const denied = (sentence: string): ProviderError => new ProviderError('denied', sentence);

/** A Dockerfile needs a context to copy from. */
export const noContext = (name: string): ProviderError =>
  denied(
    `The package ${name} is no tar, and image.dockerfile needs one as its context. Nothing was baked; leave build.package out, or make a tar.`,
  );

/** Names of packages have no character that a shell takes for more than itself: configuration sees to it. */
const install = (what: string[]): string =>
  [
    `RUN command -v apt-get > /dev/null || exit ${noApt}`,
    `apt-get update -q || exit ${noPackageServer}`,
    `DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends ${what.join(' ')} || exit 1`,
    'rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log',
  ].join('; ');

/** A path as a word of a Dockerfile's JSON form. */
const words = (...paths: string[]): string => JSON.stringify(paths);

/** All of them in one step: an engine makes a step of each one that a build's own options ask for. */
export const labelLine = (labels: Record<string, string>): string =>
  `LABEL ${Object.entries(labels)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' ')}`;

/** A value that a Dockerfile takes as it is. */
const quoted = (value: string): string => `"${value.replace(/[\\"$]/g, '\\$&')}"`;

/** Whether the package is what the last step that changes files adds, to `/app` and nowhere else. */
export const isOnlyAdded = (recipe: Recipe, { name }: Package): boolean =>
  recipe.dockerfile === undefined && !name.endsWith('.deb');

/**
 * A recipe as a Dockerfile, what seldom changes first: OS packages, then the recipe's own files and how it runs, then
 * the service's package, and last the labels. Throws `denied` for what this provider cannot make.
 */
export function dockerfileOf(recipe: Recipe, made: Package, labels: Record<string, string> = {}): string {
  const name = basename(made.name);
  const lines = stepsBefore(recipe, made);
  if (isOnlyAdded(recipe, made)) {
    const add = isArchive(made)
      ? words(`package/${name}`, '/app/')
      : words(`package/${name}`, `/app/${name}`);
    lines.push('WORKDIR /app', ...running(recipe), `${isArchive(made) ? 'ADD' : 'COPY'} ${add}`);
  } else {
    lines.push(`COPY ${words(`package/${name}`, `/tmp/package/${name}`)}`);
    lines.push(install([`/tmp/package/${name}`]), 'WORKDIR /', ...running(recipe));
  }
  if (Object.keys(labels).length > 0) lines.push(labelLine(labels));
  return text(lines);
}

/** All of that Dockerfile that comes before a package which is only added. */
export const stepsOf = (recipe: Recipe, made: Package): string =>
  text([...stepsBefore(recipe, made), 'WORKDIR /app', ...running(recipe)]);

function stepsBefore({ base, packages, files = [], folders = [] }: Recipe, made: Package): string[] {
  if (base === '')
    throw denied(
      'The recipe names no base. Nothing was baked; set image.base to an image, like debian:bookworm.',
    );
  if (made.name.endsWith('.rpm'))
    throw denied(
      `The docker provider does not install ${made.name}: it knows no rpm. Nothing was baked; make a tar or a .deb, or write a Dockerfile.`,
    );
  const lines = [`FROM ${base}`];
  if (packages.length > 0) lines.push(install(packages));
  files.forEach(({ path }, index) => {
    lines.push(`COPY ${words(`files/${index}`, path)}`);
  });
  if (folders.length > 0) lines.push(`ADD ${words('folders.tar', '/')}`);
  return lines;
}

const running = ({ user = nobody, start }: Recipe): string[] => [
  `USER ${user}`,
  'ENTRYPOINT []',
  `CMD ${words(...start)}`,
];

const text = (lines: string[]): string => `${lines.join('\n')}\n`;
