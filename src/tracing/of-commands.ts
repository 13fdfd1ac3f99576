import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Answer, PipelineCommand } from '../pipeline/domain/command.ts';
import { type TracedName, traceOfRelease } from '../pipeline/domain/trace.ts';
import type { Tracing } from './contract.ts';
import { under, wholeSpan } from './ids.ts';

interface Parts {
  installation: string;
  tracer: Tracer;
}

/** From the click to the committed answer: in the trace of the release or deployment that it is about, once that is known. */
export function spansOfCommands({ installation, tracer }: Parts): Tracing['handle'] {
  return (handle) => async (command) => {
    const startTime = Date.now();
    const answer = await handle(command);
    const name = aboutOf(command, answer);
    if (name === undefined) return answer;
    const attributes = { 'bakery.service': command.service, 'bakery.by': command.by.kind };
    const span = tracer.startSpan(
      command.do,
      { kind: SpanKind.SERVER, startTime, attributes },
      under(wholeSpan(installation, name)),
    );
    if ('refused' in answer) {
      span.setAttribute('error.type', answer.refused);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
    return answer;
  };
}

/** What was made by it, or what it named. */
function aboutOf(command: PipelineCommand, answer: Answer): TracedName | undefined {
  const { service } = command;
  if ('deployment' in answer && answer.deployment !== undefined) return answer.deployment;
  if ('version' in answer && answer.version !== undefined)
    return traceOfRelease({ service, version: answer.version });
  if ('deployment' in command) return command.deployment;
  if ('version' in command && command.version !== undefined)
    return traceOfRelease({ service, version: command.version });
  return undefined;
}
