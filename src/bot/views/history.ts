import type { Deployment } from '../../pipeline/domain/deployment.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import type { HistoryView } from '../../pipeline/views.ts';
import { drawn, header, section, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { elapsed, escaped, oneLine, shortSha } from './format.ts';
import { deploymentWords, releaseWords } from './words.ts';

/** The releases of a service, newest first, each with where it got to. */
export function history(service: string, view: HistoryView): Drawn {
  if (view.releases.length === 0) {
    return sentence(
      `${escaped(service)} has no releases yet. \`/bake ${escaped(service)}\` makes the first.`,
    );
  }
  return drawn(`The last ${view.releases.length} releases of ${escaped(service)}.`, [
    header(`${service}: last releases`),
    ...view.releases.slice(0, 20).map((release) => section(line(release, view))),
  ]);
}

function line(release: Release, view: HistoryView): string {
  const { sign, words } = releaseWords(release);
  const subject = oneLine(view.texts[release.commit.subject] ?? '[erased]', 100);
  const author = oneLine(view.texts[release.commit.author] ?? '[erased]', 60);
  const places = Object.entries(release.standings)
    .slice(0, 8)
    .map(([environment, { standing }]) => `${oneLine(environment, 40)}: ${standing}`);
  const ends = view.deployments
    .filter((one) => one.version === release.version && isWorthTelling(one))
    .slice(0, 3)
    .map((one) => oneLine(deploymentWords(one, undefined).words, 80));
  const where = [...places, ...ends].join(' · ');
  return `${sign} *v${release.version}* ${oneLine(words, 80)}, ${elapsed(view.now - release.requestedAt)} ago\n${subject} · ${author} · \`${shortSha(release.commit.sha)}\`${where === '' ? '' : `\n${where}`}`;
}

/** The standing does not tell these. */
const isWorthTelling = ({ state }: Deployment): boolean =>
  ['failed', 'went back', 'rejected', 'expired', 'cancelled'].includes(state);
