import { ProviderError } from '../../pipeline/provider.ts';
import type { CloudAnswer, Wire } from '../cloud/request.ts';

/** How a process reaches the cloud: over HTTP, with a deadline for each answer. */
export function httpWire(url: string, caller: string, limit: number): Wire {
  return {
    limit,
    ask: async (request, call) => {
      call.signal.throwIfAborted();
      let answer: CloudAnswer;
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-caller': caller },
          body: JSON.stringify(request),
          signal: AbortSignal.any([call.signal, AbortSignal.timeout(limit)]),
        });
        // The cloud's own shape.
        answer = (await response.json()) as CloudAnswer;
      } catch (error) {
        call.signal.throwIfAborted();
        throw new ProviderError('unreachable', 'The cloud did not answer.', { cause: error });
      }
      if ('fault' in answer) throw new ProviderError(answer.fault, answer.sentence);
      return answer.value;
    },
  };
}
