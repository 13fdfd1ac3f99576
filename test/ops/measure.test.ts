import { expect, test } from 'vitest';
import { measure } from '../../src/ops/measure.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import type { Facts } from '../../src/pipeline/domain/facts.ts';
import { deployment, policy, release } from '../support/sample.ts';

const facts = (): Facts => {
  const running = { ...release(), stages: { bake: { state: 'running', beganAt: 1_000 } } };
  const moving = { ...deployment(), stages: { soak: { state: 'running', beganAt: 2_000 } } };
  return {
    policy,
    releases: new Map([[running.version, running]]),
    deployments: new Map([[moving.id, moving]]),
    // Only what measuring looks at: the rest of the facts belongs to decisions.
  } as unknown as Facts;
};

const lines = async (events: Event[]): Promise<string[]> => {
  const metrics = createMetrics();
  measure(events, facts(), 5_000, metrics);
  return (await metrics.registry.metrics())
    .split('\n')
    .filter((line) =>
      /^bakery_(stage_seconds_sum|stage_seconds_count|releases_ended|deployments_ended)/.test(line),
    );
};

test('a stage that passed is measured from when it began', async () => {
  const { service, version } = release();
  expect(
    await lines([{ type: 'ReleaseStagePassed', service, version, stage: 'bake', skipped: false }]),
  ).toContain('bakery_stage_seconds_sum{stage="bake",outcome="passed"} 4');
});

test('a deployment stage that failed is measured, and its end is counted by service and environment', async () => {
  const { id, service, environment, version } = deployment();
  const about = { service, environment, version, deployment: id };
  const found = await lines([
    {
      type: 'DeploymentStageFailed',
      ...about,
      failure: { stage: 'soak', fault: 'exited', sentence: 'x', at: 0 } as never,
      as: 'went back',
    },
    { type: 'DeploymentEnded', ...about, as: 'went back' },
  ]);
  expect(found).toContain('bakery_stage_seconds_sum{stage="soak",outcome="failed"} 3');
  expect(found).toContain(
    `bakery_deployments_ended_total{service="${service}",environment="${environment}",state="went back"} 1`,
  );
});

test('a release that became production ready is counted as such', async () => {
  const { service, version } = release();
  expect(await lines([{ type: 'ReleasePromoted', service, version }])).toContain(
    `bakery_releases_ended_total{service="${service}",state="production ready"} 1`,
  );
});
