import type { Balancer } from '../balancer.ts';
import { brokenLimit } from '../domain/limits.ts';
import type { Sample } from '../domain/measurement.ts';
import type { Frontend, Measuring, Outcome } from '../domain/task.ts';
import type { TaskCall, TaskTools } from './contract.ts';

interface Measured {
  frontend: Frontend;
  measure?: Measuring | undefined;
}

/** Does some work while requests go through the slot's front door, and a few after it. Without a measure only the work. */
export async function whileProbing<Value>(
  { frontend, measure }: Measured,
  { balancer, tools, call }: { balancer: Balancer; tools: TaskTools; call: TaskCall },
  atLeast: number,
  work: () => Promise<Value>,
): Promise<{ value: Value; probes?: Sample }> {
  if (measure === undefined) return { value: await work() };
  const { id, path } = measure;
  const door = await balancer.frontDoor(frontend, call);
  const over = new AbortController();
  const probing = tools.probe({ door, path, id }, AbortSignal.any([call.signal, over.signal]));
  try {
    const value = await work();
    return { value, probes: await probing.stop({ atLeast }) };
  } finally {
    over.abort();
  }
}

/** The failure of a release that is beyond a limit of its environment; undefined when it keeps to all of them. */
export function limitFailure(
  { limits, before }: Pick<Measuring, 'limits' | 'before'>,
  now: Sample,
  counted: { requests: number; failed: number },
): (Outcome & { is: 'failed' }) | undefined {
  const broken = brokenLimit(limits, { ...(before === undefined ? {} : { before }), now, counted });
  if (broken === undefined) return undefined;
  const sentence = `It broke a limit: ${broken}. Traffic goes back at once to what served before.`;
  return { is: 'failed', failure: { fault: 'limit broken', sentence }, evidence: { probes: now } };
}
