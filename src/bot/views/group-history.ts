import type { GroupView } from '../../pipeline/views.ts';
import { drawn, header, section, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { elapsed, escaped, inWords, oneLine, shortSha } from './format.ts';
import { groupWords } from './group-words.ts';

/** The releases of a group, newest first, each with its services and where it got to. */
export function groupHistory(group: string, views: GroupView[]): Drawn {
  const name = escaped(group);
  if (views.length === 0) return sentence(`${name} has no releases yet. \`/bake ${name}\` makes the first.`);
  return drawn(`The last ${views.length} releases of ${name}.`, [
    header(`${group}: last releases`),
    ...views.slice(0, 20).map((view) => section(line(view))),
  ]);
}

function line({ release, texts, now }: GroupView): string {
  const { sign, words } = groupWords(release);
  const subject = oneLine(texts[release.commit.subject] ?? '[erased]', 100);
  const members = release.members.map(({ service, version }) => `${service} v${version}`);
  return `${sign} *v${release.number}* ${oneLine(words, 120)}, ${elapsed(now - release.requestedAt)} ago\n${subject} · \`${shortSha(release.commit.sha)}\`\n${oneLine(inWords(members), 500)}`;
}
