import type { NoteView } from '../../pipeline/views.ts';
import { whyKept } from './failure.ts';
import { person, plural } from './format.ts';
import { measuredLine } from './measured.ts';
import type { Named, OfDeployment, Told } from './told.ts';

/** What the thread is told of traffic that moved, of what served before, and of the database. */
export function trafficNote(view: NoteView, event: OfDeployment, { name, where }: Named): Told | undefined {
  switch (event.type) {
    case 'TurnedCold':
      return {
        topic: 'progress',
        words: `❄️ What still ran of ${name} in ${where} does not serve any more, so it is started again from its image.`,
      };
    case 'WentLive':
      return {
        topic: 'progress',
        words: `${event.kind === 'rollback' ? '↩️' : '🚀'} ${name} is live in ${where}.${event.left === undefined ? '' : ` v${event.left.version} still runs beside it.`}`,
      };
    case 'TrafficMeasured':
      return event.requests === 0 && event.failed === 0
        ? undefined
        : {
            topic: 'traffic',
            words: `🚦 ${where}: ${plural(event.requests, 'request')} while traffic moved to ${name}, ${event.failed === 0 ? 'none failed' : `*${event.failed} failed*`}.`,
          };
    case 'ProbesAnswered':
      return event.phase === 'after' ? measured(view, name, where) : undefined;
    case 'TrafficReturned':
      return {
        topic: 'failures',
        words: `↩️ Traffic in ${where} has left ${leftByTraffic(view)} by itself and is back on ${name}.`,
      };
    case 'RetireRequested':
      return event.by.kind === 'clock'
        ? undefined
        : { topic: 'retire', words: `🧹 ${person(event.by)} retires what ran before ${name} in ${where}.` };
    case 'OldStopped':
      return {
        topic: 'progress',
        words: `⏸️ v${event.old} was stopped in ${where} before ${name} is started: \`overlap: false\`.`,
      };
    case 'OldRetired':
      return {
        topic: 'retire',
        words: `🧹 ${name} is retired in ${where}. Going back to it now takes a new start.`,
      };
    case 'RetireRefused':
      return { topic: 'retire', words: kept(event, view, where) };
    case 'MigrationDone':
      return { topic: 'progress', words: `🗃️ ${name} has changed the database of ${where}.` };
    default:
      return undefined;
  }
}

type Refused = OfDeployment & { type: 'RetireRefused' };

function kept({ failed }: Refused, { texts }: NoteView, where: string): string {
  const old = `⚠️ In ${where} the old release is kept for now`;
  return failed === undefined
    ? `${old}: the new one is not healthy.`
    : `${old}: ${whyKept(failed, texts)} Press *Retire old* to try it again; it is tried again by itself as well.`;
}

/** All that was measured of it, once it has soaked. */
function measured({ deployment }: NoteView, name: string, where: string): Told | undefined {
  const line = deployment === undefined ? undefined : measuredLine(deployment);
  return line === undefined ? undefined : { topic: 'traffic', words: `${name} in ${where}: ${line}.` };
}

/** The event names the release that serves again; the deployment is of the one that failed. */
const leftByTraffic = ({ deployment }: NoteView): string =>
  deployment === undefined ? 'the new one' : `v${deployment.version}`;
