import type { Migration } from '../../src/pipeline/domain/service-file.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { serviceFile } from './policies.ts';

type Say = (attempt: Attempt) => Outcome | 'hang' | undefined;

/** What a worker says whose builds find this migration in the service's file. */
export const builds =
  (migrate: Migration | undefined, say: Say = () => undefined): Say =>
  (attempt) =>
    attempt.kind === 'build'
      ? {
          is: 'done',
          result: {
            package: {
              digest: `sha256:package-${JSON.stringify(attempt.input)}`,
              size: 10,
              name: 'hello.tar',
            },
            file: { ...serviceFile, ...(migrate === undefined ? {} : { migrate }) },
          },
        }
      : say(attempt);
