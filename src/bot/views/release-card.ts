import type { KnownBlock } from '@slack/types';
import { type Deployment, isDeploymentOver } from '../../pipeline/domain/deployment.ts';
import { isOver, releaseStages } from '../../pipeline/domain/release.ts';
import type { ReleaseView } from '../../pipeline/views.ts';
import { drawn, header, section } from './blocks.ts';
import { deploymentButtons, releaseButtons, waitsForApproval } from './buttons.ts';
import { buttonRow, commitLines, footer, stagesPart, taskLine } from './card-parts.ts';
import { decisionPart } from './decision-part.ts';
import { deploymentPart, stoppedAt } from './deployment-part.ts';
import type { Card } from './drawn.ts';
import { failurePart, failureSentence } from './failure.ts';
import { elapsed, escaped, oneLine, person, userIds } from './format.ts';
import { deploymentNext, releaseNext } from './next-step.ts';
import type { Style } from './plan.ts';
import { progressWords, span } from './stages.ts';
import { failedTests, testsLine } from './tests-part.ts';
import { whoseYesIsWanted } from './who-may.ts';
import { deploymentMoves, deploymentWords, releaseWords, type Words } from './words.ts';

/** Deployments drawn one by one; older ones are only counted. */
const most = 6;

/** The card of a release and of the deployments on it. */
export function releaseCard(view: ReleaseView, style: Style = 'plan'): Card {
  const { release } = view;
  const name = `${release.service} v${release.version}`;
  const words = headline(view);
  const focus = focusOf(view);
  const next = focus === undefined ? releaseNext(release, view.policy) : nextOf(focus, view);
  const moving = isMoving(view);
  const decides = view.deployments.find(waitsForApproval);
  return {
    ...drawn(topText(view, name, words, next), [
      header(`${words.sign} ${name} · ${words.words}`),
      section(commitLines(release, view.texts)),
      stagesOf(view, style),
      ...(decides === undefined
        ? testsPart(view)
        : decisionPart(decides, release, view.decisions?.[decides.id])),
      ...failureParts(view),
      ...cancelPart(view),
      ...deploymentParts(view, style),
      ...(next === undefined ? [] : [section(`👉 *Next:* ${next}`)]),
      ...buttonRows(view),
      footer(release, view, moving),
    ]),
    final: isOver(release) && view.deployments.every(isDeploymentOver),
    needsPerson: view.deployments.some(needsPerson) || release.state === 'failed',
    moving,
    mentions:
      decides === undefined ? [] : userIds(whoseYesIsWanted(decides, view.policy, release, view.wroteIt)),
  };
}

/** A person's move is what it waits for, or what failed has to be seen. */
export const needsPerson = (deployment: Deployment): boolean =>
  waitsForApproval(deployment) ||
  deployment.wait?.for === 'retire' ||
  deployment.state === 'failed' ||
  deployment.state === 'went back';

const isMoving = (view: ReleaseView): boolean =>
  !isOver(view.release) || view.deployments.some(deploymentMoves);

/** The deployment that the headline speaks of: who waits first, then what moves, then the last one. */
function focusOf(view: ReleaseView): Deployment | undefined {
  return (
    view.deployments.find(waitsForApproval) ??
    view.deployments.findLast((one) => !isDeploymentOver(one)) ??
    view.deployments.at(-1)
  );
}

function headline(view: ReleaseView): Words {
  const focus = focusOf(view);
  return focus === undefined
    ? releaseWords(view.release)
    : deploymentWords(focus, view.slots[focus.environment]);
}

const nextOf = (deployment: Deployment, view: ReleaseView): string | undefined =>
  deploymentNext(deployment, view);

function topText(view: ReleaseView, name: string, words: Words, next: string | undefined): string {
  const failure = view.release.failure ?? focusOf(view)?.failure;
  const why = failure === undefined ? '' : ` ${failureSentence(failure, view.texts)}`;
  return `${escaped(`${name}: ${words.words}`)}.${why}${next === undefined || why !== '' ? '' : ` Next: ${next.replaceAll('*', '')}`}`;
}

function stagesOf(view: ReleaseView, style: Style): KnownBlock {
  const { release, now, expected } = view;
  const over = isOver(release);
  const took = span(releaseStages, release.stages, now);
  const summary = over
    ? took === undefined || release.state !== 'production ready'
      ? undefined
      : `${elapsed(took)} in all`
    : progressWords(releaseStages, release.stages, expected, now);
  return stagesPart(style, {
    id: `${release.service}.v${release.version}`,
    name: 'Release',
    summary,
    stages: releaseStages,
    records: release.stages,
    expected,
    now,
    bar: !over,
    task: over ? undefined : taskLine(view, releaseStages),
  });
}

function testsPart({ release, texts }: ReleaseView): KnownBlock[] {
  const line = testsLine(release.suites, release.version);
  const failed = failedTests(release.suites, release.version, texts);
  return line === undefined ? [] : [section(failed === undefined ? line : `${line}\n${failed}`)];
}

function failureParts(view: ReleaseView): KnownBlock[] {
  const { failure } = view.release;
  const failures = failure === undefined ? [] : [failure];
  const last = view.deployments.findLast((one) => one.failure !== undefined && !isReplaced(one, view));
  if (last?.failure !== undefined) failures.push(last.failure);
  return failures.map((one) => failurePart(one, view.texts));
}

/** Who stopped it, when, and why where that had to be said. */
function cancelPart({ release, texts }: ReleaseView): KnownBlock[] {
  const { cancelledBy, cancelReason, stages, stage } = release;
  if (cancelledBy === undefined) return [];
  const why =
    cancelReason === undefined ? '' : ` · reason: _${oneLine(texts[cancelReason] ?? '[erased]', 200)}_`;
  return [section(`⏹️ cancelled by ${person(cancelledBy)}${stoppedAt(stages[stage])}${why}`)];
}

/** A later deployment of the same environment on this card makes an older failure history. */
const isReplaced = (deployment: Deployment, view: ReleaseView): boolean =>
  view.deployments.findLast((one) => one.environment === deployment.environment)?.id !== deployment.id;

function deploymentParts(view: ReleaseView, style: Style): KnownBlock[] {
  const hidden = Math.max(0, view.deployments.length - most);
  return [
    ...(hidden === 0
      ? []
      : [section(`_${hidden} earlier deployments: see_ \`/bake history ${escaped(view.release.service)}\``)]),
    ...view.deployments.slice(-most).flatMap((one) => deploymentPart(one, view, style)),
  ];
}

function buttonRows(view: ReleaseView): KnownBlock[] {
  const rows = view.deployments
    .slice(-most)
    .map((one) => ({
      where: one.environment,
      buttons: deploymentButtons(one, view.slots[one.environment], view.release),
    }))
    .filter((row) => row.buttons.length > 0);
  return [
    buttonRow(releaseButtons(view.release)),
    ...rows.map((row) => buttonRow(row.buttons, rows.length > 1 ? row.where : undefined)),
  ].filter((block) => block !== undefined);
}
