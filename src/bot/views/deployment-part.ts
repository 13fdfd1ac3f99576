import type { KnownBlock } from '@slack/types';
import {
  type Deployment,
  isDeploymentOver,
  type Override,
  stagesOf,
} from '../../pipeline/domain/deployment.ts';
import type { StageRecord } from '../../pipeline/domain/stage-record.ts';
import { hasNoTraffic } from '../../pipeline/domain/traffic.ts';
import type { ReleaseView } from '../../pipeline/views.ts';
import { section } from './blocks.ts';
import { stagesPart, taskLine } from './card-parts.ts';
import { besideCost } from './cost.ts';
import { bar, clock, elapsed, inWords, oneLine, person } from './format.ts';
import { measuredLine } from './measured.ts';
import type { Style } from './plan.ts';
import { span, usualIn } from './stages.ts';
import { standbyLasting, standbyOf } from './standby.ts';
import { deploymentMoves, deploymentWords } from './words.ts';

type Surroundings = Pick<
  ReleaseView,
  'slots' | 'policy' | 'now' | 'expected' | 'texts' | 'tasks' | 'standbys'
>;

/** One deployment as it stands on a card: its state, its stages while it is at work, traffic, who did what. */
export function deploymentPart(deployment: Deployment, view: Surroundings, style: Style): KnownBlock[] {
  const { sign, words } = deploymentWords(deployment, view.slots[deployment.environment]);
  const lines = [
    `${sign} *${oneLine(words, 120)}*${took(deployment, view.now)}`,
    trafficLine(deployment),
    pauseLine(deployment),
    measuredLine(deployment),
    besideCost(deployment, view),
    whoDidWhat(deployment, view.texts),
    wayBack(deployment, view),
  ].filter((line) => line !== undefined && line !== '');
  if (isSettled(deployment)) return [section(lines.join('\n'))];
  return [
    stagesPart(style, {
      id: deployment.id,
      name: words,
      stages: stagesOf(deployment),
      records: deployment.stages,
      expected: usualIn(deployment.environment, view.expected),
      now: deploymentMoves(deployment) ? view.now : undefined,
      task: deploymentMoves(deployment) ? taskLine(view, stagesOf(deployment)) : undefined,
      above: lines[0],
    }),
    ...(lines.length > 1 ? [section(lines.slice(1).join('\n'))] : []),
  ];
}

/** While it is the live one: what would be gone back to, and when that was looked at. */
function wayBack({ id, environment }: Deployment, { slots, standbys }: Surroundings): string | undefined {
  return slots[environment]?.live?.deployment === id
    ? standbyLasting(standbyOf(standbys, environment))
    : undefined;
}

/** True once nobody looks at its single stages any more: it ended well. */
const isSettled = (deployment: Deployment): boolean =>
  isDeploymentOver(deployment) && deployment.failure === undefined;

function took(deployment: Deployment, now: number): string {
  // What a person waited for is no time of the machine's: the stages after the approval count.
  const time = span(stagesOf(deployment).slice(1), deployment.stages, now);
  return time === undefined || deployment.endedAt === undefined ? '' : ` · took ${elapsed(time)}`;
}

/** The split while both serve, and what the balancer counted. */
export function trafficLine(deployment: Deployment): string | undefined {
  const old = deployment.old;
  if (hasNoTraffic(deployment.plan)) return undefined;
  const shifting = deployment.state === 'running' && deployment.stage === 'cut-over' && old !== undefined;
  const counted = deployment.traffic;
  const count =
    counted === undefined
      ? ''
      : `${counted.requests.toLocaleString('en-US')} requests while traffic moved, ${counted.failed === 0 ? 'none failed' : `*${counted.failed.toLocaleString('en-US')} failed*`}`;
  if (!shifting) return count === '' ? undefined : `🚦 ${count}`;
  const share = Math.max(0, Math.min(100, deployment.share));
  return `🚦 v${deployment.version} *${share} %* ${bar(share / 100, '█', '░')} ${100 - share} % v${old.version}${count === '' ? '' : ` · ${count}`}`;
}

/** Two may not run at once: what ran before had to end first. */
export const pauseLine = ({ stoppedOld, old }: Deployment): string | undefined =>
  stoppedOld === true && old !== undefined
    ? `⏸️ v${old.version} was stopped before this one was started (\`overlap: false\`)`
    : undefined;

/** `approved by @ann 14:02 · cancelled by @bob 14:05`. */
export function whoDidWhat(deployment: Deployment, texts: Record<string, string>): string {
  const parts: string[] = [];
  if (deployment.approvals.length > 0) {
    parts.push(
      `approved by ${inWords(deployment.approvals.map((one) => `${person(one.by)} ${clock(one.at)}`))}`,
    );
  }
  if (deployment.override !== undefined) parts.push(overridden(deployment.override, texts));
  const at = stoppedAt(deployment.stages[deployment.stage]);
  if (deployment.rejectedBy !== undefined) parts.push(`rejected by ${person(deployment.rejectedBy)}${at}`);
  if (deployment.cancelledBy !== undefined) parts.push(`cancelled by ${person(deployment.cancelledBy)}${at}`);
  if (deployment.reason !== undefined) {
    parts.push(`reason: _${oneLine(texts[deployment.reason] ?? '[erased]', 200)}_`);
  }
  return parts.join(' · ');
}

/** Louder than an approval, for as long as the card stands. */
const overridden = ({ by, at, reason }: Override, texts: Record<string, string>): string =>
  `🚨 *by override* of ${person(by)} ${clock(at)}: _${oneLine(texts[reason] ?? '[erased]', 200)}_`;

/** ` 14:05`: when a person put an end to the stage that something was in. */
export const stoppedAt = (stage: StageRecord | undefined): string =>
  stage?.state === 'cancelled' && stage.endedAt !== undefined ? ` ${clock(stage.endedAt)}` : '';
