import type { Deployment } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import { type Limits, usualLimits } from '../domain/limits.ts';
import type { Phase, Sample } from '../domain/measurement.ts';
import type { Measuring } from '../domain/task.ts';

/** How a deployment's traffic is measured. Only a release has limits: going back is never held up. */
export function measuringOf({ id, kind, plan, health, probes }: Deployment): Measuring {
  const limits = kind === 'release' ? (plan.limits ?? usualLimits) : none;
  const before = probes?.before === undefined ? {} : { before: probes.before };
  return { id, path: plan.probe ?? health.path, limits, ...before };
}

const none: Limits = { failed: 1 };

/** What was measured, when something was. */
export function probesAnswered(deployment: Deployment, phase: Phase, sample: Sample | undefined): Event[] {
  if (sample === undefined || sample.sent === 0) return [];
  const { service, environment, version, id } = deployment;
  return [{ type: 'ProbesAnswered', service, environment, version, deployment: id, phase, sample }];
}
