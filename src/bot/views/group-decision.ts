import type { KnownBlock } from '@slack/types';
import { isSame } from '../../pipeline/domain/difference.ts';
import type { GroupMemberView, GroupView } from '../../pipeline/views.ts';
import { section } from './blocks.ts';
import { commitsLines, differenceParts } from './changes-part.ts';
import { databasePart, warningLines } from './decision-part.ts';
import { oneLine, plural } from './format.ts';
import { askedFor } from './group-buttons.ts';
import { placeOf } from './group-words.ts';
import { clip } from './limits.ts';
import { testsLine } from './tests-part.ts';

/** How many services are told of in full; the cards of the others tell of them. */
const most = 6;

/** What a yes to all puts there, service by service: what changes, how it was tested, what is unusual about it. */
export function groupDecision(view: GroupView): KnownBlock[] {
  const where = placeOf(view.release);
  const asked = askedFor(view);
  const parts = asked.slice(0, most).map((member) => section(clip(partOf(member, where), 1200)));
  const rest = asked.slice(most).map(({ service, version }) => `${oneLine(service, 60)} v${version}`);
  return rest.length === 0
    ? parts
    : [...parts, section(`_Their own cards tell of the rest:_ ${oneLine(rest.join(', '), 900)}`)];
}

function partOf(
  { service, version, decision, deployments, release }: GroupMemberView,
  where: string,
): string {
  const { live, changes, settings, warnings = [] } = decision ?? {};
  const deployment = deployments[where];
  const from = live === undefined ? 'nothing is live there yet' : `v${live.version} is live there`;
  const { commits, takenBack } = changes ?? {};
  const lines = [
    `*${oneLine(service, 60)} v${version}* (${from})`,
    commits === undefined || live === undefined
      ? undefined
      : `📝 ${plural(commits.total, 'commit')} since v${live.version}\n${commitsLines({ ...commits, lines: commits.lines.slice(0, 2) })}`,
    takenBack === undefined
      ? undefined
      : `⚠️ It takes back ${plural(takenBack.total, 'commit')} of what is live.`,
    release === undefined ? undefined : (testsLine(release.suites, version) ?? '🧪 No tests were run on it.'),
    settings === undefined || isSame(settings)
      ? undefined
      : `⚙️ ${differenceParts(settings, 'setting').join(' · ')}`,
    deployment === undefined ? undefined : databasePart(deployment, oneLine(where, 40)),
    warnings.length === 0 ? undefined : warningLines(warnings, oneLine(where, 40)),
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}
