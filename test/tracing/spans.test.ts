import { context, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { refuse } from '../../src/pipeline/domain/command.ts';
import { logOf } from '../../src/pipeline/domain/task.ts';
import type { Attempt, AttemptControl } from '../../src/pipeline/task-queue.ts';
import { tracedCall } from '../../src/tracing/call.ts';
import { stageSpan, under, wholeSpan } from '../../src/tracing/ids.ts';
import { KnownIds } from '../../src/tracing/known-ids.ts';
import { spansOfCommands } from '../../src/tracing/of-commands.ts';
import { spansOfTasks } from '../../src/tracing/of-tasks.ts';
import { withoutQueries } from '../../src/tracing/without-queries.ts';
import { ada } from '../support/policies.ts';

const exporter = new InMemorySpanExporter();
const ids = new KnownIds();
const provider = new NodeTracerProvider({
  idGenerator: ids,
  spanProcessors: [withoutQueries(new SimpleSpanProcessor(exporter))],
});
provider.register();
const tracer = trace.getTracer('test');
const installation = 'here';
const release = { kind: 'release', service: 'hello', version: 3 } as const;

beforeEach(() => exporter.reset());
afterAll(() => provider.shutdown());

const attemptWith = (log: string): Attempt => ({
  ...{ effect: 'bake.hello.v3', generation: 1, attempt: 2, kind: 'bake', input: {}, limit: 1_000 },
  log,
});
const control: AttemptControl = {
  signal: new AbortController().signal,
  leaseLeft: () => 1_000,
  progress: () => {},
};

describe('the spans of a release', () => {
  it('a call to a cloud is a span below its task, and no span where there is none', async () => {
    expect(await tracedCall('ec2:RunInstances', async () => 'made')).toBe('made');
    expect(exporter.getFinishedSpans()).toEqual([]);
    const { run } = spansOfTasks({ installation, tracer });
    const log = logOf(release, 'bake', 1);
    const task = run(async () => {
      await expect(tracedCall('ec2:RunInstances', () => Promise.reject(new Error('no')))).rejects.toThrow(
        'no',
      );
      return { is: 'failed', failure: { fault: 'quota', sentence: 'of what others wrote' } };
    });
    await task(attemptWith(log), control);
    const [call, bake] = exporter.getFinishedSpans();
    expect(call).toMatchObject({
      name: 'ec2:RunInstances',
      parentSpanContext: { spanId: bake?.spanContext().spanId },
    });
    expect(bake).toMatchObject({
      name: 'bake',
      parentSpanContext: { spanId: stageSpan(installation, log)?.spanId },
      attributes: { 'bakery.effect': 'bake.hello.v3', 'bakery.attempt': 2, 'error.type': 'quota' },
    });
    expect(bake?.spanContext().traceId).toBe(wholeSpan(installation, 'hello.v3').traceId);
    expect(JSON.stringify([call?.attributes, bake?.attributes])).not.toContain('others wrote');
  });

  it('upkeep, which is of no release, has none', async () => {
    const log = logOf({ kind: 'slot', service: 'hello', environment: 'production' }, 'check', 1);
    const { run } = spansOfTasks({ installation, tracer });
    await run(async () => ({ is: 'not yet', again: 1 }))(attemptWith(log), control);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('a command is a span of what it made or named, refused or not', async () => {
    const handle = spansOfCommands({ installation, tracer });
    const rollBack = {
      do: 'roll back',
      service: 'hello',
      version: 1,
      environment: 'production',
      by: ada,
    } as const;
    await handle(async () => ({ accepted: true, sentence: '', deployment: 'hello.production.9' }))(rollBack);
    await handle(async () => refuse('never went live', 'v1 never went live.'))(rollBack);
    const spans = exporter.getFinishedSpans();
    expect(
      spans.map((span) => [span.name, span.spanContext().traceId, span.attributes['error.type']]),
    ).toEqual([
      ['roll back', wholeSpan(installation, 'hello.production.9').traceId, undefined],
      ['roll back', wholeSpan(installation, 'hello.v1').traceId, 'never went live'],
    ]);
  });

  it('takes queries, users and passwords out of every address', () => {
    context.with(under(wholeSpan(installation, 'hello.v3')), () => {
      const span = tracer.startSpan('GET');
      span.setAttribute('url.full', 'https://ada:word@bucket.example.com/package.tar?X-Amz-Signature=abc#x');
      span.setAttribute('url.query', 'X-Amz-Signature=abc');
      span.setAttribute('http.target', '/package.tar?token=abc');
      span.end();
    });
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes).toEqual({
      'url.full': 'https://bucket.example.com/package.tar',
      'http.target': '/package.tar',
    });
  });
});
