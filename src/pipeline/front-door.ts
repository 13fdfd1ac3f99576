import { type Answer, refuse } from './domain/command.ts';
import { rightProblem } from './domain/rights.ts';
import type { Engine } from './engine/engine.ts';
import type { Outbox, Pipeline, Queries, Repositories } from './pipeline.ts';
import { ProviderError } from './provider.ts';

interface Parts {
  engine: Pick<Engine, 'handle' | 'subscribe'>;
  query: Queries;
  outbox: Outbox;
  repositories: Repositories;
}

/** Puts the front door together: commands to the engine, questions to the ledger, refs to the repositories. */
export function frontDoor({ engine, query, outbox, repositories }: Parts): Pipeline {
  return {
    handle: (command) => engine.handle(command),
    subscribe: (listener) => engine.subscribe(listener),
    query,
    outbox,
    requestRelease: async ({ service, ref, by, onlyNew, hotfix }): Promise<Answer> => {
      const policy = query.policy(service);
      if (policy === undefined) return unknownService(service, query.services());
      const problem = rightProblem(by, 'bake', policy);
      if (problem !== undefined) return refuse('not allowed', problem);
      const { repository, branch } = policy;
      try {
        const commit = await repositories.find({ service, repository, ref: ref ?? branch });
        const { sha, subject, author, email } = commit;
        return await engine.handle({
          do: 'request release',
          service,
          commit: { sha, ref: commit.ref, subject, author, email },
          by,
          ...(onlyNew === undefined ? {} : { onlyNew }),
          ...(hotfix === undefined ? {} : { hotfix }),
        });
      } catch (error) {
        if (error instanceof ProviderError) return refuse('bad input', error.message);
        throw error;
      }
    },
  };
}

function unknownService(service: string, known: string[]): Answer {
  const list = known.length === 0 ? 'No service is configured yet.' : `There is: ${known.join(', ')}.`;
  return refuse('unknown service', `There is no service ${service.slice(0, 60)}. ${list}`);
}
