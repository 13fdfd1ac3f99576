import { type Release, releaseStages } from '../domain/release.ts';
import type { TaskOrder } from '../domain/task.ts';
import { withHooks } from '../stages/hooks.ts';
import { releaseProcess, releaseRules } from '../stages/index.ts';
import { releaseSubject } from '../stages/orders.ts';
import type { Draft } from './draft.ts';
import { climb } from './ladder.ts';

/** Takes a release as far as it can go now. */
export function advanceRelease(draft: Draft, version: number): void {
  while (step(draft, version));
}

/** One step; true when there may be another. */
function step(draft: Draft, version: number): boolean {
  const release = draft.facts.releases.get(version);
  if (release === undefined) return false;
  const about = { service: release.service, version };
  switch (release.state) {
    case 'running':
      return run(draft, release);
    case 'stopping':
      if (draft.openTasks(releaseSubject(release)).length > 0) return false;
      draft.emit({ type: 'ReleaseUndoBegan', ...about });
      return true;
    case 'undoing': {
      const next = undoOrders(draft, release).find(({ effect }) => !release.done.includes(effect));
      if (next === undefined) draft.emit({ type: 'ReleaseEnded', ...about, as: release.endsAs ?? 'failed' });
      else draft.order([next]);
      return false;
    }
    default:
      return false;
  }
}

function run(draft: Draft, release: Release): boolean {
  const { service, version, stage, generation } = release;
  const rules = releaseRules(stage);
  if (release.stages[stage].state === 'waiting') {
    draft.emit({ type: 'ReleaseStageBegan', service, version, stage, generation });
    return true;
  }
  const context = { facts: draft.facts, now: draft.now };
  const wanted = withHooks(release, rules.next(release, context), context);
  switch (wanted.is) {
    case 'tasks':
      draft.order(wanted.orders);
      return false;
    case 'decided':
      draft.emit(...wanted.events);
      return true;
    case 'failed':
      draft.emit({
        type: 'ReleaseStageFailed',
        service,
        version,
        failure: draft.failure(stage, wanted.failure),
      });
      draft.stop(releaseSubject(release));
      return true;
    case 'passed':
      draft.emit({ type: 'ReleaseStagePassed', service, version, stage, skipped: wanted.skipped });
      return enterNext(draft, release);
    case 'wait':
      throw new Error(`The stage ${stage} of a release cannot wait for somebody.`);
  }
}

function enterNext(draft: Draft, { service, version, stage, generation }: Release): boolean {
  const next = releaseStages[releaseStages.indexOf(stage) + 1];
  if (next !== undefined) {
    draft.emit({ type: 'ReleaseStageBegan', service, version, stage: next, generation });
    return true;
  }
  draft.emit({ type: 'ReleasePromoted', service, version });
  climb(draft, version, undefined);
  return false;
}

/** What is to be removed, newest stage first. */
function undoOrders(draft: Draft, release: Release): TaskOrder[] {
  return releaseProcess
    .filter(({ name }) => release.stages[name].state !== 'waiting')
    .toReversed()
    .flatMap((rules) => rules.undo(release, { facts: draft.facts, now: draft.now }));
}
