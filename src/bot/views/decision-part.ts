import type { KnownBlock } from '@slack/types';
import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { isSame } from '../../pipeline/domain/difference.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import { stopsOldFirst } from '../../pipeline/domain/traffic.ts';
import type { DecisionFacts, Warning } from '../../pipeline/views.ts';
import { section } from './blocks.ts';
import { commitsLines, differenceParts, imageLines } from './changes-part.ts';
import { bytes, code, elapsed, oneLine, plural, shortDigest } from './format.ts';
import { testsLine } from './tests-part.ts';

/** All that an approver needs before the button: what changes, how it was tested, what going back would take. */
export function decisionPart(
  deployment: Deployment,
  release: Release,
  facts: DecisionFacts | undefined,
): KnownBlock[] {
  const where = oneLine(deployment.environment, 40);
  const { version } = deployment;
  const live = facts?.live;
  const from = live === undefined ? `nothing is live there yet` : `v${live.version} is live there`;
  return [
    section(`*To decide: v${version} for ${where}* (${from})\n${warningLines(facts?.warnings ?? [], where)}`),
    ...changesPart(facts, live?.version),
    section(
      [
        testsLine(release.suites, version) ?? '🧪 No tests were run on it.',
        `📦 ${imagePart(deployment, facts)}`,
        `⚙️ ${settingsPart(facts, where)}`,
        databasePart(deployment, where),
        pausePart(deployment, facts),
        `↩️ ${backPart(deployment, facts, where)}`,
      ]
        .filter((line) => line !== undefined)
        .join('\n'),
    ),
  ];
}

function changesPart(facts: DecisionFacts | undefined, live: number | undefined): KnownBlock[] {
  const { commits, takenBack } = facts?.changes ?? {};
  if (live === undefined) return [];
  if (commits === undefined)
    return [section('📝 The commits since the live version could not be read from the repository just now.')];
  return [
    section(`📝 *${plural(commits.total, 'commit')} since v${live}*\n${commitsLines(commits)}`),
    ...(takenBack === undefined
      ? []
      : [
          section(
            `⚠️ *It takes back ${plural(takenBack.total, 'commit')} of v${live}, which is live:* its own history does not have them.\n${commitsLines(takenBack)}`,
          ),
        ]),
  ];
}

function imagePart({ image }: Deployment, facts: DecisionFacts | undefined): string {
  const own = `Image \`${shortDigest(image.digest)}\`, ${bytes(image.size)}`;
  if (facts?.live === undefined) return `${own}.`;
  const lines = facts.changes === undefined ? undefined : imageLines(facts.changes);
  return `${own}. ${lines ?? 'Its contents could not be compared with the live one.'}`;
}

function settingsPart(facts: DecisionFacts | undefined, where: string): string {
  if (facts?.settings === undefined) return `Settings of ${where}: nothing to compare with.`;
  return isSame(facts.settings)
    ? `The settings of ${where} are those of the live one.`
    : `Settings of ${where}: ${differenceParts(facts.settings, 'setting').join(' · ')}.`;
}

/** What is done to the database, and which way back is shut by it: said before anybody agrees. */
export function databasePart({ migrate, version }: Deployment, where: string): string | undefined {
  if (migrate === undefined) return undefined;
  const floor = migrate.rollbackTo;
  const back =
    floor === undefined
      ? ''
      : ` *Nothing before v${floor} works with it afterwards*, as v${version} says: going back past that takes an override.`;
  return `🗃️ Before it is started it changes the database of ${where}: ${code(migrate.argv.join(' '))}.${back}`;
}

/** Two may not run at once: said before anybody agrees to the pause. */
const pausePart = ({ plan, version }: Deployment, facts: DecisionFacts | undefined): string | undefined =>
  stopsOldFirst(plan) && facts?.live !== undefined
    ? `⏸️ *v${facts.live.version} is stopped before v${version} is started* (\`overlap: false\`): nothing runs in between.`
    : undefined;

function backPart({ plan }: Deployment, facts: DecisionFacts | undefined, where: string): string {
  if (facts?.live === undefined) return `There is nothing to go back to in ${where}.`;
  const took =
    facts.lastRollback === undefined
      ? 'nobody has rolled back here yet'
      : `the last one took ${elapsed(facts.lastRollback)}`;
  if (stopsOldFirst(plan))
    return `Rolling back starts v${facts.live.version} again from its image (${took}).`;
  return `Rolling back goes to v${facts.live.version}, in seconds while it still runs beside the new one (${took}).`;
}

export const warningLines = (warnings: Warning[], where: string): string =>
  warnings.length === 0
    ? 'Nothing unusual about it.'
    : warnings.map((one) => `⚠️ ${warningWords(one, where)}`).join('\n');

function warningWords(warning: Warning, where: string): string {
  switch (warning.is) {
    case 'rolled back before':
      return `This commit was rolled back before: as v${warning.version}, from ${oneLine(warning.environment, 40)}.`;
    case 'first ever':
      return `It is the first release that goes to ${where}.`;
    case 'first in a while':
      return `It is the first release there in ${Math.floor(warning.after / 86_400_000)} days.`;
    case 'live is young':
      return `The live one is only ${elapsed(warning.age)} old.`;
    case 'same image':
      return 'Its image is the one that is live: only settings can differ.';
    case 'no tests':
      return 'No tests were run on it.';
    case 'checks':
      return warning.problem === undefined
        ? 'The forge could not be asked for its required checks just now; it is asked again when somebody approves.'
        : `Its required checks were not green when this was drawn: ${oneLine(warning.problem, 300)}. They are asked for again when somebody approves.`;
    case 'author unknown':
      return warning.asked
        ? 'Two people have to approve it: nobody in Slack has the address of this commit’s author, so he cannot be told from whoever approves.'
        : 'Two people have to approve it as long as Slack cannot be asked who the author of this commit is.';
  }
}
