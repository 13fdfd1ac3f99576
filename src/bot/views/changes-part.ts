import { type Difference, isSame } from '../../pipeline/domain/difference.ts';
import type { Changes, Commits } from '../../pipeline/views.ts';
import { bytes, escaped, inWords, oneLine, plural, shortSha } from './format.ts';

/** The commits in between: the newest few with their authors, how many more, and where to read them all. */
export function commitsLines({ lines, total, link }: Commits): string {
  if (total === 0) return 'No commit of this service lies between them.';
  const listed = lines.map(
    ({ sha, subject, author }) =>
      `• \`${shortSha(sha)}\` ${oneLine(subject, 100) || '(no subject)'} · ${oneLine(author, 40)}`,
  );
  const more = total - lines.length;
  const rest = more > 0 ? `… and ${more} more` : '';
  const all = link === undefined ? '' : `<${escaped(link)}|all changes>`;
  const end = [rest, all].filter((part) => part !== '').join(' · ');
  return [...listed, ...(end === '' ? [] : [end])].join('\n');
}

/** Who wrote what lies in between, as far as it is listed. */
export const authors = ({ lines }: Commits): string =>
  inWords([...new Set(lines.map(({ author }) => oneLine(author, 40)))].slice(0, 5));

/** `2 packages changed: a, b · 1 file added: c`; undefined when the manifests were not there to compare. */
export function imageLines({ image, size }: Changes): string | undefined {
  if (image === undefined) return undefined;
  const grown =
    size === undefined || size.from === size.to ? '' : `, size ${bytes(size.from)} → ${bytes(size.to)}`;
  if (isSame(image.packages) && isSame(image.files)) return `The contents of the image are the same${grown}.`;
  const parts = [...differenceParts(image.packages, 'package'), ...differenceParts(image.files, 'file')];
  return `${parts.join(' · ')}${grown}`;
}

/** `3 settings changed: A, B and C`. */
export function differenceParts(one: Difference, what: string): string[] {
  return (['added', 'removed', 'changed'] as const)
    .filter((how) => one[how].length > 0)
    .map((how) => {
      const named = one[how].slice(0, 5).map((name) => `\`${oneLine(name, 80).replaceAll('`', "'")}\``);
      const rest = one[how].length - named.length;
      return `${plural(one[how].length, what)} ${how}: ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    });
}
