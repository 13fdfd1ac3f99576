import type { At } from '../../pipeline/domain/time.ts';
import type { StandbyView } from '../../pipeline/views.ts';
import { elapsed, oneLine, when } from './format.ts';

/** `↩️ v41, checked 3h ago, 12s`: what an environment would go back to, in an answer that is read now. */
export function standbyNow(standby: StandbyView | undefined, now: At): string | undefined {
  return standby && lineOf(standby, `checked ${elapsed(now - standby.checkedAt)} ago`);
}

/** The same for a card, which is read at any time: with the time of the look instead of its age. */
export function standbyLasting(standby: StandbyView | undefined): string | undefined {
  return standby && lineOf(standby, `checked ${when(standby.checkedAt)}`);
}

function lineOf(standby: StandbyView, checked: string): string | undefined {
  const { version, state, because, rehearsal, startedIn } = standby;
  if (version === undefined) return undefined;
  if (state !== 'present')
    return `🆘 It cannot go back to v${version} (${checked}): ${oneLine(because ?? 'its image is not there', 200)}`;
  if (rehearsal?.version === version && !rehearsal.passed)
    return `🆘 v${version} did not start when it was rehearsed: ${oneLine(rehearsal.because ?? '', 200)}`;
  const time = startedIn === undefined ? '' : `, ${elapsed(startedIn)}`;
  const tried = rehearsal?.version === version ? ', rehearsed' : '';
  return `↩️ goes back to v${version}, ${checked}${time}${tried}`;
}

/** For the list of what can be gone back to. */
export const standbyOf = (
  standbys: readonly StandbyView[] | undefined,
  environment: string,
  version?: number,
): StandbyView | undefined =>
  standbys?.find(
    (one) => one.environment === environment && (version === undefined || one.version === version),
  );
