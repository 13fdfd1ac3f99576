import type { GroupPolicy } from '../../pipeline/domain/group.ts';
import { drawn, header, section, sections } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { escaped, inWords, oneLine, people } from './format.ts';

/** One command, and where the one who asks may use it. Without `may`: everybody, everywhere. */
export interface HelpLine {
  usage: string;
  says: string;
  may?: string[];
  /** He may in all services that there are. */
  all?: boolean;
  /** Who has the right, when help is about one service or a group. */
  who?: string[];
}

/** Every word with one line: first what this person may say, then what he may not, and who may; then what goes together. */
export function help(lines: HelpLine[], groups: readonly GroupPolicy[] = []): Drawn {
  const can = lines.filter(({ may }) => may === undefined || may.length > 0);
  const cannot = lines.filter(({ may }) => may !== undefined && may.length === 0);
  return drawn('How to use Bakery: /bake &lt;service&gt; releases, /rollback &lt;service&gt; goes back.', [
    header('Bakery: what you can say'),
    ...sections(can.map(line)),
    ...(cannot.length === 0 ? [] : sections(['*Not yours to do:*', ...cannot.map(line)])),
    ...sections(groups.map(groupLine)),
    section(
      'A button does the same as its word, with the same checks. In threads, where Slack takes no slash commands, use the shortcut *Bakery* under ⋯ or `+`.',
    ),
  ]);
}

const groupLine = ({ group, services, environments }: GroupPolicy): string =>
  `🧩 The group *${oneLine(group, 60)}*: ${inWords(services.map((name) => oneLine(name, 60)))} go to ${inWords(environments.map((name) => oneLine(name, 40)))} together, by one yes. Words that take one take its name; everything else names one service of it.`;

const line = ({ usage, says, may, all, who }: HelpLine): string =>
  `\`${escaped(usage)}\`\n${says}${where(may, all, who)}`;

function where(may: string[] | undefined, all: boolean | undefined, who: string[] | undefined): string {
  if (may === undefined || (all && may.length > 0)) return '';
  if (may.length > 0)
    return ` · you may in ${escaped(may.slice(0, 10).join(', '))}${may.length > 10 ? ' …' : ''}`;
  return who === undefined || who.length === 0 ? ' · ask an operator' : ` · these may: ${people(who)}`;
}
