import type { Event } from '../pipeline/domain/event.ts';
import type { Facts } from '../pipeline/domain/facts.ts';
import type { StageRecord } from '../pipeline/domain/stage-record.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Metrics } from './metrics.ts';

/** Counts what a commit says. `facts` are those that it was decided on, so they still know when a stage began. */
export function measure(events: readonly Event[], facts: Facts, at: At, metrics: Metrics): void {
  for (const event of events) measureOne(event, facts, at, metrics);
}

function measureOne(event: Event, facts: Facts, at: At, metrics: Metrics): void {
  switch (event.type) {
    case 'ReleaseStagePassed':
      metrics.stageEnded(event.stage, passed(event), took(releaseStage(event, event.stage, facts), at));
      return;
    case 'ReleaseStageFailed': {
      const { stage } = event.failure;
      metrics.stageEnded(stage, 'failed', took(releaseStage(event, stage, facts), at));
      return;
    }
    case 'ReleaseEnded':
      metrics.releaseEnded(event.service, event.as);
      return;
    case 'ReleasePromoted':
      metrics.releaseEnded(event.service, 'production ready');
      return;
    case 'DeploymentStagePassed':
      metrics.stageEnded(event.stage, passed(event), took(deploymentStage(event, event.stage, facts), at));
      return;
    case 'DeploymentStageFailed': {
      const { stage } = event.failure;
      metrics.stageEnded(stage, 'failed', took(deploymentStage(event, stage, facts), at));
      return;
    }
    case 'DeploymentEnded':
      metrics.deploymentEnded(event.service, event.environment, event.as);
      return;
    case 'DeploymentFinished':
      metrics.deploymentEnded(event.service, event.environment, 'done');
      return;
  }
}

const passed = ({ skipped }: { skipped: boolean }): 'skipped' | 'passed' => (skipped ? 'skipped' : 'passed');

const releaseStage = ({ version }: { version: number }, stage: string, facts: Facts) =>
  recordOf(facts.releases.get(version)?.stages, stage);

const deploymentStage = ({ deployment }: { deployment: string }, stage: string, facts: Facts) =>
  recordOf(facts.deployments.get(deployment)?.stages, stage);

const recordOf = (
  stages: Partial<Record<string, StageRecord>> | undefined,
  stage: string,
): StageRecord | undefined => stages?.[stage];

/** A stage that began with the same commit took no time. */
const took = (record: StageRecord | undefined, at: At): number =>
  record?.beganAt === undefined ? 0 : Math.max(0, at - record.beganAt);
