import { isAgreedTo } from '../../pipeline/domain/gate.ts';
import { activeRung, type GroupRelease, type GroupRun } from '../../pipeline/domain/group.ts';
import type { GroupMemberView, GroupView } from '../../pipeline/views.ts';
import { oneLine } from './format.ts';
import { deploymentWords, releaseWords, type Words } from './words.ts';

/** Where something of it is to be done, or was done last. */
export const placeOf = (row: GroupRelease): string =>
  activeRung(row) ??
  row.environments.findLast((name) => row.runs[name] !== undefined) ??
  row.environments[0] ??
  '';

/** A group's release in a few words. */
export function groupWords(row: GroupRelease): Words {
  const where = placeOf(row);
  const run = row.runs[where];
  if (run?.state === 'going back') return { sign: '↩️', words: `going back in ${where}` };
  switch (row.state) {
    case 'open':
      return openWords(run, where);
    case 'finished':
      return run?.state === 'went back'
        ? { sign: '↩️', words: `went back in ${where}` }
        : { sign: '✅', words: `live in ${where}` };
    case 'went back':
      return { sign: '↩️', words: `went back in ${where}` };
    case 'ended':
      return { sign: '⛔', words: `came to nothing for ${where}${stopped(run)}` };
    case 'superseded':
      return { sign: '⏭️', words: `v${row.supersededBy} took its place` };
    case 'cancelled':
      return { sign: '⏹️', words: 'cancelled' };
  }
}

const stopped = (run: GroupRun | undefined): string =>
  run?.stoppedBy === undefined ? '' : `: ${run.stoppedBy.member} ${run.stoppedBy.as}`;

function openWords(run: GroupRun | undefined, where: string): Words {
  switch (run?.state) {
    case 'asking':
      return { sign: '✋', words: `waits for approval for ${where}` };
    case 'rolling out':
      return run.askedAnew === true
        ? { sign: '✋', words: `waits for approval for ${where} again` }
        : { sign: '🚀', words: `going to ${where}, one after the other` };
    default:
      return { sign: '🔄', words: `getting ready for ${where}` };
  }
}

/** How one service of it fares, in a few words. */
export function memberWords(member: GroupMemberView, { release, texts }: GroupView): Words {
  const where = placeOf(release);
  const run = release.runs[where];
  const step = run?.back?.steps.find((one) => one.member === member.service);
  if (step?.outcome === 'back')
    return { sign: '↩️', words: step.to === undefined ? 'never was there' : `back at v${step.to}` };
  if (step?.outcome === 'stays')
    return { sign: '⚠️', words: `stays: ${oneLine(texts[step.because ?? ''] ?? '[erased]', 300)}` };
  if (step?.deployment !== undefined) return { sign: '🔀', words: `goes back to v${step.to}` };
  const deployment = member.deployments[where];
  if (deployment?.state === 'running' && deployment.wait?.for === 'group') {
    if (run?.state === 'gathering' || run === undefined) return { sign: '🟢', words: 'ready' };
    return isAgreedTo(deployment)
      ? { sign: '👍', words: 'agreed to, waits for its turn' }
      : { sign: '✋', words: 'waits for a yes' };
  }
  if (deployment !== undefined) return deploymentWords(deployment, member.slots[where]);
  if (member.slots[where]?.live?.version === member.version)
    return { sign: '✅', words: `live in ${where} already` };
  return member.release === undefined
    ? { sign: '❔', words: 'not known any more' }
    : releaseWords(member.release);
}
