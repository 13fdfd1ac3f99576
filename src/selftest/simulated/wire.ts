import { ProviderError } from '../../pipeline/provider.ts';
import { inWords } from '../cloud/alarms.ts';
import type { FaultyCloud } from '../cloud/faulty-cloud.ts';
import type { CloudAnswer, CloudRequest, Wire } from '../cloud/request.ts';
import type { Trouble, Troubles } from '../cloud/troubles.ts';
import type { Random } from '../random.ts';
import { untilAborted } from '../until-aborted.ts';
import type { SimulatedProcess } from './process.ts';
import type { Timeline } from './timeline.ts';

/** How long an answer is waited for, in virtual milliseconds. */
const callLimit = 2_000;

interface Parts {
  timeline: Timeline;
  random: Random;
  cloud: FaultyCloud;
  troubles: Troubles;
  tell(line: string): void;
}

/** How a simulated process reaches the cloud: requests and replies take time, and may meet with mishaps on the way. */
export function simulatedWire(process: SimulatedProcess, parts: Parts): Wire {
  const ask: Wire['ask'] = async (request, call) => {
    call.signal.throwIfAborted();
    const trouble = parts.troubles.meets(request);
    if (trouble !== undefined) parts.tell(`${process.name}: ${inWords(request)} meets with "${trouble.how}"`);
    const answer = await untilAborted(
      call.signal,
      Promise.race([travel(process, parts, request, trouble), silence(process)]),
    );
    if (answer === undefined) {
      call.signal.throwIfAborted();
      throw new ProviderError('unreachable', `The cloud did not answer within ${callLimit} ms.`);
    }
    if ('fault' in answer) throw new ProviderError(answer.fault, answer.sentence);
    return structuredClone(answer.value);
  };
  return { limit: callLimit, ask };
}

function travel(
  process: SimulatedProcess,
  { timeline, random, cloud, tell }: Parts,
  request: CloudRequest,
  trouble: Trouble | undefined,
): Promise<CloudAnswer> {
  const how = trouble?.how;
  const there = how === 'late' ? callLimit + (trouble?.ms ?? 0) : random.between(1, 30);
  const back = random.between(1, 30);
  return new Promise((resolve) => {
    const arrive = (): void => {
      const answer = cloud.act(request, timeline.now);
      if (how === 'late') tell(`the cloud does it only now: ${inWords(request)}`);
      if (how === 'caller killed after') process.kill();
      if (how !== 'reply lost') process.after(back, () => resolve(answer));
    };
    if (how === 'caller killed before') process.kill();
    else if (how === 'refused as busy')
      process.after(there + back, () => resolve({ fault: 'busy', sentence: 'Too many requests.' }));
    else if (how !== 'request lost') timeline.after(there, arrive);
    if (how === 'caller frozen') process.freeze(trouble?.ms ?? 0);
  });
}

const silence = async (process: SimulatedProcess): Promise<undefined> => {
  await process.pause(callLimit);
  return undefined;
};
