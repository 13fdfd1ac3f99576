import type { KnownBlock } from '@slack/types';
import { deploymentStages, isDeploymentOver } from '../../pipeline/domain/deployment.ts';
import type { DeploymentView } from '../../pipeline/pipeline.ts';
import { drawn, header, section } from './blocks.ts';
import { deploymentButtons } from './buttons.ts';
import { buttonRow, footer, taskLine } from './card-parts.ts';
import { trafficLine, whoDidWhat } from './deployment-part.ts';
import type { Card } from './drawn.ts';
import { failurePart, failureSentence } from './failure.ts';
import { elapsed, escaped, oneLine, person, shortSha, when } from './format.ts';
import { deploymentNext } from './next-step.ts';
import { needsPerson } from './release-card.ts';
import { progress, span, stageLine } from './stages.ts';
import { deploymentMoves, deploymentWords } from './words.ts';

/** The card of a deployment or rollback that has one of its own. */
export function deploymentCard(view: DeploymentView): Card {
  const { deployment, now } = view;
  const slot = view.slots[deployment.environment];
  const { sign, words } = deploymentWords(deployment, slot);
  const title = titleOf(view);
  const next = deploymentNext(deployment, view.policy, slot);
  const moving = deploymentMoves(deployment);
  const why = deployment.failure === undefined ? '' : ` ${failureSentence(deployment.failure, view.texts)}`;
  const row = buttonRow(deploymentButtons(deployment, slot));
  return {
    ...drawn(
      `${escaped(`${title}: ${words}`)}.${why}${next === undefined || why !== '' ? '' : ` Next: ${next.replaceAll('*', '')}`}`,
      [
        header(`${sign} ${title} · ${words}`),
        section(whatItIs(view)),
        section(stagesText(view)),
        ...detail(view),
        ...(next === undefined ? [] : [section(`👉 *Next:* ${next}`)]),
        ...(row === undefined ? [] : [row]),
        footer(view.release, now, moving),
      ],
    ),
    final: isDeploymentOver(deployment),
    needsPerson: needsPerson(deployment),
    moving,
  };
}

function titleOf({ deployment }: DeploymentView): string {
  const name = `${deployment.service} v${deployment.version}`;
  if (deployment.kind === 'rollback') return `Rollback to ${name}`;
  return deployment.kind === 'repair' ? `Repair of ${name}` : name;
}

function whatItIs({ deployment, release, texts }: DeploymentView): string {
  const name = `*${oneLine(deployment.service, 60)} v${deployment.version}*`;
  const where = `*${oneLine(deployment.environment, 40)}*`;
  const from = deployment.old === undefined ? '' : ` (from v${deployment.old.version})`;
  const how =
    deployment.kind !== 'rollback'
      ? ''
      : deployment.warm
        ? ' It still runs, so only traffic moves.'
        : ' It runs from its original image: no build, no bake.';
  const asked = `asked for by ${person(deployment.requestedBy)} ${when(deployment.requestedAt)}`;
  const subject = oneLine(texts[release.commit.subject] ?? '[erased]', 160);
  return `${name} to ${where}${from}.${how}\n${subject} · \`${shortSha(release.commit.sha)}\` · ${asked}`;
}

function stagesText(view: DeploymentView): string {
  const { deployment, now, expected } = view;
  const moves = deploymentMoves(deployment);
  const line = stageLine(deploymentStages, deployment.stages, moves ? now : undefined);
  if (isDeploymentOver(deployment)) {
    const time = span(deploymentStages.slice(1), deployment.stages, now);
    return time === undefined ? line : `${line}  ·  ${elapsed(time)} in all`;
  }
  const bar = deploymentMoves(deployment)
    ? [progress(deploymentStages, deployment.stages, expected, now)]
    : [];
  const task = taskLine(view, deploymentStages);
  return [...bar, line, ...(task === undefined ? [] : [task])].join('\n');
}

function detail(view: DeploymentView): KnownBlock[] {
  const { deployment, texts } = view;
  const lines = [trafficLine(deployment), whoDidWhat(deployment, texts)].filter(
    (line) => line !== undefined && line !== '',
  );
  return [
    ...(lines.length === 0 ? [] : [section(lines.join('\n'))]),
    ...(deployment.failure === undefined ? [] : [failurePart(deployment.failure, texts)]),
  ];
}
