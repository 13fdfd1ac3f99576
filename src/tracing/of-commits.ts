import {
  type Attributes,
  type Context,
  type SpanContext,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import type { Event } from '../pipeline/domain/event.ts';
import type { Facts } from '../pipeline/domain/facts.ts';
import type { StageRecord } from '../pipeline/domain/stage-record.ts';
import { logOf, type Subject } from '../pipeline/domain/task.ts';
import type { At } from '../pipeline/domain/time.ts';
import { type TracedName, traceOfRelease } from '../pipeline/domain/trace.ts';
import type { Tracing } from './contract.ts';
import { stageSpan, under, wholeSpan } from './ids.ts';
import type { KnownIds } from './known-ids.ts';

interface Parts {
  installation: string;
  tracer: Tracer;
  ids: KnownIds;
}

/** A release or a deployment, with what was known of it when the commit was decided. */
interface Traced {
  name: TracedName;
  subject: Subject;
  attributes: Attributes;
  since: At;
  generation: number;
  stages: Partial<Record<string, StageRecord>>;
}

/** Tells each stage, release and deployment when it ended: how long it took is only known then. */
export function spansOfCommits(parts: Parts): Tracing['observe'] {
  return (events, facts, at) => {
    for (const event of events) {
      const traced = tracedBy(event, facts);
      if (traced !== undefined) tellOne(event, traced, at, parts);
    }
  };
}

function tellOne(event: Event, traced: Traced, at: At, parts: Parts): void {
  switch (event.type) {
    case 'ReleaseStagePassed':
    case 'DeploymentStagePassed':
      if (!event.skipped) tellStage(event.stage, traced, { at }, parts);
      return;
    case 'ReleaseStageFailed':
    case 'DeploymentStageFailed':
      tellStage(event.failure.stage, traced, { at, failed: event.failure.fault }, parts);
      return;
    case 'ReleasePromoted':
      tellWhole(traced, { at, as: 'production ready' }, parts);
      return;
    case 'DeploymentFinished':
      tellWhole(traced, { at, as: 'finished' }, parts);
      return;
    case 'ReleaseEnded':
    case 'DeploymentEnded':
      tellWhole(traced, { at, as: event.as }, parts);
      return;
  }
}

interface End {
  at: At;
  /** Its fault. */
  failed?: string;
}

function tellStage(stage: string, traced: Traced, end: End, { installation, ...parts }: Parts): void {
  const { subject, generation, stages, attributes } = traced;
  const ids = stageSpan(installation, logOf(subject, stage, generation));
  if (ids === undefined) return;
  const parent = under(wholeSpan(installation, traced.name));
  const startTime = stages[stage]?.beganAt ?? end.at;
  tell(`stage ${stage}`, { ids, parent, startTime, attributes }, end, parts);
}

function tellWhole(
  traced: Traced,
  { at, as }: { at: At; as: string },
  { installation, ...parts }: Parts,
): void {
  const { name, subject, since, attributes } = traced;
  const ids = wholeSpan(installation, name);
  const told = { ...attributes, 'bakery.end': as };
  const failed = as === 'failed' || as === 'went back' ? { failed: as } : {};
  tell(`${subject.kind} ${name}`, { ids, startTime: since, attributes: told }, { at, ...failed }, parts);
}

function tell(
  name: string,
  span: { ids: SpanContext; parent?: Context; startTime: At; attributes: Attributes },
  { at, failed }: End,
  { tracer, ids }: Omit<Parts, 'installation'>,
): void {
  const { parent, startTime, attributes } = span;
  const options = { startTime, attributes, ...(parent === undefined ? { root: true } : {}) };
  const made = ids.for(span.ids, () => tracer.startSpan(name, options, parent));
  if (failed !== undefined) {
    made.setAttribute('error.type', failed);
    made.setStatus({ code: SpanStatusCode.ERROR });
  }
  made.end(at);
}

function tracedBy(event: Event, facts: Facts): Traced | undefined {
  if ('deployment' in event) {
    const row = facts.deployments.get(event.deployment);
    if (row === undefined) return undefined;
    const { id, service, version, environment, generation, requestedAt, stages } = row;
    return {
      name: id,
      subject: { kind: 'deployment', service, environment, id, version },
      attributes: { 'bakery.service': service, 'bakery.version': version, 'bakery.environment': environment },
      since: requestedAt,
      generation,
      stages,
    };
  }
  if (!('version' in event)) return undefined;
  const row = facts.releases.get(event.version);
  if (row === undefined) return undefined;
  const { service, version, generation, requestedAt, stages } = row;
  return {
    name: traceOfRelease(row),
    subject: { kind: 'release', service, version },
    attributes: { 'bakery.service': service, 'bakery.version': version },
    since: requestedAt,
    generation,
    stages,
  };
}
