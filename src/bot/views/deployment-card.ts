import type { KnownBlock } from '@slack/types';
import { isDeploymentOver, stagesOf } from '../../pipeline/domain/deployment.ts';
import type { DeploymentView } from '../../pipeline/views.ts';
import { drawn, header, section } from './blocks.ts';
import { deploymentButtons, waitsForApproval } from './buttons.ts';
import { buttonRow, footer, stagesPart, taskLine } from './card-parts.ts';
import { besideCost } from './cost.ts';
import { decisionPart } from './decision-part.ts';
import { pauseLine, trafficLine, whoDidWhat } from './deployment-part.ts';
import type { Card } from './drawn.ts';
import { failurePart, failureSentence } from './failure.ts';
import { elapsed, escaped, oneLine, person, shortSha, userIds, when } from './format.ts';
import { measuredLine } from './measured.ts';
import { deploymentNext } from './next-step.ts';
import type { Style } from './plan.ts';
import { needsPerson } from './release-card.ts';
import { progressWords, span, usualIn } from './stages.ts';
import { whoseYesIsWanted } from './who-may.ts';
import { deploymentMoves, deploymentWords } from './words.ts';

/** Where other messages stand, once they do. */
export interface Links {
  /** The card of its release. */
  release?: string;
}

/** The card of a deployment or rollback that has one of its own. */
export function deploymentCard(view: DeploymentView, style: Style = 'plan', links: Links = {}): Card {
  const { deployment } = view;
  const slot = view.slots[deployment.environment];
  const { sign, words } = deploymentWords(deployment, slot);
  const title = titleOf(view);
  const next = deploymentNext(deployment, view);
  const moving = deploymentMoves(deployment);
  const why = deployment.failure === undefined ? '' : ` ${failureSentence(deployment.failure, view.texts)}`;
  const row = buttonRow(deploymentButtons(deployment, slot, view.release));
  return {
    ...drawn(
      `${escaped(`${title}: ${words}`)}.${why}${next === undefined || why !== '' ? '' : ` Next: ${next.replaceAll('*', '')}`}`,
      [
        header(`${sign} ${title} · ${words}`),
        section(whatItIs(view, links)),
        stagesPartOf(view, style),
        ...(waitsForApproval(deployment) ? decisionPart(deployment, view.release, view.decision) : []),
        ...detail(view),
        ...(next === undefined ? [] : [section(`👉 *Next:* ${next}`)]),
        ...(row === undefined ? [] : [row]),
        footer(view.release, view, moving),
      ],
    ),
    final: isDeploymentOver(deployment),
    needsPerson: needsPerson(deployment),
    moving,
    mentions: waitsForApproval(deployment)
      ? userIds(whoseYesIsWanted(deployment, view.policy, view.release, view.wroteIt))
      : [],
  };
}

function titleOf({ deployment }: DeploymentView): string {
  const name = `${deployment.service} v${deployment.version}`;
  if (deployment.kind === 'rollback') return `Rollback to ${name}`;
  if (deployment.anew) return `New settings of ${name}`;
  return deployment.kind === 'repair' ? `Repair of ${name}` : name;
}

function whatItIs({ deployment, release, texts }: DeploymentView, links: Links): string {
  const name = `*${oneLine(deployment.service, 60)} v${deployment.version}*`;
  const where = `*${oneLine(deployment.environment, 40)}*`;
  const from = deployment.old === undefined ? '' : ` (from v${deployment.old.version})`;
  const how =
    deployment.kind !== 'rollback'
      ? ''
      : deployment.warm
        ? ' It still runs, with the settings it was started with, so only traffic moves.'
        : ' It runs from its original image: no build, no bake.';
  const asked = `asked for by ${person(deployment.requestedBy)} ${when(deployment.requestedAt)}`;
  const subject = oneLine(texts[release.commit.subject] ?? '[erased]', 160);
  const card = links.release === undefined ? '' : ` · <${escaped(links.release)}|card of the release>`;
  return `${name} to ${where}${from}.${how}\n${subject} · \`${shortSha(release.commit.sha)}\` · ${asked}${card}`;
}

function stagesPartOf(view: DeploymentView, style: Style): KnownBlock {
  const { deployment, now } = view;
  const moves = deploymentMoves(deployment);
  const expected = usualIn(deployment.environment, view.expected);
  const took = span(stagesOf(deployment).slice(1), deployment.stages, now);
  const over = took === undefined ? undefined : `${elapsed(took)} in all`;
  return stagesPart(style, {
    id: deployment.id,
    name: deployment.kind === 'rollback' ? 'Rollback' : 'Deployment',
    summary: isDeploymentOver(deployment)
      ? over
      : moves
        ? progressWords(stagesOf(deployment), deployment.stages, expected, now)
        : undefined,
    stages: stagesOf(deployment),
    records: deployment.stages,
    expected,
    now: moves ? now : undefined,
    bar: moves && !isDeploymentOver(deployment),
    task: moves ? taskLine(view, stagesOf(deployment)) : undefined,
  });
}

function detail(view: DeploymentView): KnownBlock[] {
  const { deployment, texts } = view;
  const lines = [
    trafficLine(deployment),
    pauseLine(deployment),
    measuredLine(deployment),
    besideCost(deployment, view),
    whoDidWhat(deployment, texts),
  ].filter((line) => line !== undefined && line !== '');
  return [
    ...(lines.length === 0 ? [] : [section(lines.join('\n'))]),
    ...(deployment.failure === undefined ? [] : [failurePart(deployment.failure, texts)]),
  ];
}
