import type { Subject } from '../domain/task.ts';
import { advanceDeployment } from './advance-deployment.ts';
import { advanceRelease } from './advance-release.ts';
import type { Draft } from './draft.ts';

/** Takes every subject as far as it can go now, and all that this sets free. */
export function advance(draft: Draft, subject: Subject): void {
  draft.wake(subject);
  for (let next = draft.nextAwake(); next !== undefined; next = draft.nextAwake()) {
    if (next.kind === 'release') advanceRelease(draft, next.version);
    if (next.kind === 'deployment') advanceDeployment(draft, next.id);
  }
}
