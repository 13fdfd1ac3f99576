import type { At } from '../../pipeline/domain/time.ts';
import type { LiveAt } from '../../pipeline/views.ts';
import { drawn, header, refusal, section, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { escaped, inWords, oneLine, person, shortDigest, utc, when } from './format.ts';

/** What was live at a time, environment by environment, and by whose word. */
export function who(service: string, at: At, found: LiveAt[]): Drawn {
  const name = oneLine(service, 60);
  if (found.length === 0) return sentence(`Nothing of ${name} was live at ${utc(at)}.`);
  return drawn(
    `${name} at ${utc(at)}: ${found.map(({ environment, serving }) => escaped(`${environment} v${serving.version}`)).join(', ')}.`,
    [header(`${service} at ${utc(at)}`), section(found.map(line).join('\n'))],
  );
}

function line({ environment, serving, deployment }: LiveAt): string {
  const place = `*${oneLine(environment, 40)}*: v${serving.version} since ${when(serving.since)}`;
  if (deployment === undefined) return `${place} · nobody knows by whose word: it was found running`;
  const { approvals, override, requestedBy, image, kind } = deployment;
  const asked = `asked for by ${person(requestedBy)}`;
  const by =
    override !== undefined
      ? `by override of ${person(override.by)}`
      : approvals.length > 0
        ? `approved by ${inWords(approvals.map((one) => `${person(one.by)} (${when(one.at)})`))}`
        : kind === 'rollback'
          ? 'by rollback'
          : kind === 'repair'
            ? 'by repair'
            : 'without approval: none was asked for there';
  return `${place} · ${by} · ${asked} · image \`${shortDigest(image.digest)}\``;
}

/** For a time that nobody understands. */
export const badTime = (text: string): Drawn =>
  refusal(
    `“${oneLine(text, 40)}” is no time. Nothing was done. Say it like \`2026-11-20T14:05\` (UTC), or \`for 2h\` where an end is meant.`,
  );
