import { ProviderError } from '../../src/pipeline/provider.ts';
import type { FaultyCloud } from '../../src/selftest/cloud/faulty-cloud.ts';
import type { Wire } from '../../src/selftest/cloud/request.ts';

/** Reaches the selftest's cloud without loss, at the time that `now` tells. */
export const wireTo = (cloud: FaultyCloud, now: () => number): Wire => ({
  limit: 2_000,
  ask: async (request) => {
    const answer = cloud.act(request, now());
    if ('fault' in answer) throw new ProviderError(answer.fault, answer.sentence);
    return structuredClone(answer.value);
  },
});
