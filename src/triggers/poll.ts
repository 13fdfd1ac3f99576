import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';

interface PollParts {
  pipeline: Pick<Pipeline, 'requestRelease'>;
  policies(): Iterable<ServicePolicy>;
  /** What a branch points to now; undefined when there is no such branch. */
  branchHead(order: { repository: string; branch: string }): Promise<string | undefined>;
  /** Whether a service was ever released: the first release is a person's decision or a push's. */
  released(service: string): Promise<boolean>;
  every: Millis;
  onError(service: string, error: unknown): void;
}

/** Looks at every remote now and then, in case a push was not heard of. One round at a time. Returns how to stop. */
export function startPolling(parts: PollParts): () => void {
  if (parts.every === 0) return () => undefined;
  const seen = new Map<string, string>();
  let timer: NodeJS.Timeout;
  let stopped = false;
  const again = () => {
    if (!stopped) timer = setTimeout(() => void pollOnce(parts, seen).finally(again), parts.every);
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** One round: a branch that points elsewhere than before is asked to be released. */
export async function pollOnce(parts: PollParts, seen: Map<string, string>): Promise<void> {
  for (const { service, repository, branch } of parts.policies()) {
    try {
      const head = await parts.branchHead({ repository, branch });
      if (head === undefined || seen.get(service) === head) continue;
      if (!seen.has(service) && !(await parts.released(service))) {
        seen.set(service, head);
        continue;
      }
      await parts.pipeline.requestRelease({ service, ref: branch, by: { kind: 'poll' }, onlyNew: true });
      seen.set(service, head);
    } catch (error) {
      parts.onError(service, error);
    }
  }
}
