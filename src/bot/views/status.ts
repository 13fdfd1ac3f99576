import type { KnownBlock } from '@slack/types';
import type { Serving } from '../../pipeline/domain/deployment.ts';
import type { EnvironmentPolicy } from '../../pipeline/domain/policy.ts';
import { differsFrom } from '../../pipeline/domain/resettling.ts';
import type { FilesView, GroupView, ServiceView } from '../../pipeline/views.ts';
import { drawn, header, section, sections, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { filesLine } from './files-notice.ts';
import { elapsed, escaped, oneLine } from './format.ts';
import { areRepairsStopped, freezeWords, lockWords, stuck } from './held.ts';
import { lineOfGroup } from './home-groups.ts';
import { standbyNow, standbyOf } from './standby.ts';
import { deploymentWords, releaseWords } from './words.ts';

/** What is live where, and what is under way. `hidden`: how many services there are beyond these. */
export function status(views: ServiceView[], files?: FilesView, hidden = 0, groups: GroupView[] = []): Drawn {
  const trouble = files === undefined ? undefined : filesLine(files);
  if (views.length === 0)
    return sentence('Bakery has no services yet: the operators name them in `services/*.yaml`.');
  return drawn(views.map(inOneLine).join(' '), [
    ...(trouble === undefined ? [] : [section(trouble)]),
    ...(hidden > 0 ? [section(`_… and ${hidden} more services: name one to see it._`)] : []),
    ...views.flatMap((view): KnownBlock[] => [
      ...(views.length === 1 ? [header(view.policy.service)] : []),
      section(linesOf(view, views.length > 1)),
    ]),
    ...sections(groups.map(groupLine)),
  ]);
}

/** The newest release of a group. */
const groupLine = (view: GroupView): string => `🧩 ${lineOfGroup(view).text}`;

function inOneLine(view: ServiceView): string {
  const { policy, slots, open } = view;
  const live = policy.environments
    .map(
      ({ name }) => `${name} ${slots[name]?.live === undefined ? 'nothing' : `v${slots[name].live.version}`}`,
    )
    .join(', ');
  const work = open.releases.length + open.deployments.length;
  const waits = stuck(view).map(({ name }) => ` 🆘 ${name}.`);
  return escaped(`${policy.service}: ${live}.${work === 0 ? '' : ` ${work} under way.`}${waits.join('')}`);
}

function linesOf(view: ServiceView, withName: boolean): string {
  const { policy, slots, open, now } = view;
  const places = policy.environments.map((plan) => {
    const { name } = plan;
    const slot = slots[name];
    const place = `*${oneLine(name, 40)}*`;
    const locked = slot?.lock === undefined ? '' : ` · 🔒 locked ${lockWords(slot.lock, view.texts)}`;
    const freeze = view.frozen?.[name];
    const held = `${locked}${freeze === undefined ? '' : ` · 🧊 frozen ${freezeWords(freeze, view.texts)}`}`;
    if (slot?.live === undefined) return `⚪ ${place}: nothing is live${held}`;
    const beside = slot.beside === undefined ? '' : ` · v${slot.beside.version} still runs beside it`;
    const back = standbyNow(standbyOf(view.standbys, name), now);
    const sign = areRepairsStopped(slot) ? '🆘' : '✅';
    return `${sign} ${place}: v${slot.live.version} live for ${elapsed(now - slot.live.since)}${beside}${back === undefined ? '' : ` · ${back}`}${changed(view, plan, slot.live)}${held}`;
  });
  const releases = open.releases.slice(0, 10).map((release) => {
    const { sign, words } = releaseWords(release);
    return `${sign} v${release.version} ${oneLine(words, 100)}, for ${elapsed(now - release.requestedAt)}`;
  });
  const deployments = open.deployments.slice(0, 10).map((deployment) => {
    const { sign, words } = deploymentWords(deployment, slots[deployment.environment]);
    return `${sign} v${deployment.version} ${oneLine(words, 100)}, for ${elapsed(now - deployment.requestedAt)}`;
  });
  const more = open.releases.length + open.deployments.length - releases.length - deployments.length;
  return [
    ...(withName ? [`*${oneLine(policy.service, 60)}*`] : []),
    ...places,
    ...stuck(view).map(({ name, waitsFor }) => `🆘 ${oneLine(name, 100)}: waits for ${waitsFor}`),
    ...releases,
    ...deployments,
    ...(more > 0 ? [`… and ${more} more under way`] : []),
    ...(releases.length + deployments.length === 0 ? ['Nothing is under way.'] : []),
  ].join('\n');
}

/** What the operators' files ask for by now, and how it is put into use. */
function changed({ policy, open }: ServiceView, plan: EnvironmentPolicy, live: Serving): string {
  const isUnderWay = open.deployments.some(({ environment }) => environment === plan.name);
  if (isUnderWay || live.settings === '' || !differsFrom(live, plan)) return '';
  const what = live.settings === plan.settings.digest ? 'count has' : 'settings have';
  return ` · its ${what} changed since: \`/bake deploy ${oneLine(policy.service, 60)} v${live.version} ${oneLine(plan.name, 40)}\` puts that into use`;
}
