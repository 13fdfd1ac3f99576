import type { Actor } from '../../pipeline/domain/actor.ts';
import type { Approval } from '../../pipeline/domain/deployment.ts';
import type { CardEvent, Event } from '../../pipeline/domain/event.ts';
import { type Topic, usualMessages } from '../../pipeline/domain/messages.ts';
import type { People } from '../../pipeline/domain/policy.ts';
import type { StageFailure } from '../../pipeline/domain/release.ts';
import type { NoteView } from '../../pipeline/pipeline.ts';
import { drawn, section } from './blocks.ts';
import { commitsLines } from './changes-part.ts';
import { consentNote } from './consent-note.ts';
import type { Note } from './drawn.ts';
import { failurePart, failureSentence } from './failure.ts';
import {
  bytes,
  callOn,
  codeBlock,
  inWords,
  oneLine,
  person,
  plural,
  shortDigest,
  userIds,
  when,
} from './format.ts';
import { measuredLine } from './measured.ts';
import { failedTests, testsLine } from './tests-part.ts';
import { whoMay, whoseYesIsWanted } from './who-may.ts';

/** A sentence for the thread, and what it is about: each service chooses which of these are worth a message. */
interface Told {
  words: string;
  topic: Topic;
  /** Told wherever the service chose less: somebody asked for it; in the channel too, when rules were put aside. */
  always?: 'in the thread' | 'in the channel';
  /** Below the sentence, not in the notification. */
  detail?: string | undefined;
  /** Who must act, and is mentioned. */
  mentions?: string[];
}

/** What the thread is told of an event; undefined when the card says enough. */
export function note(view: NoteView): Note | undefined {
  const told = tell(view);
  const { thread, channel } = view.policy.messages ?? usualMessages;
  if (told === undefined || !(told.always !== undefined || thread.includes(told.topic))) return undefined;
  const failed = failureOf(view);
  const blocks = [
    section(told.words),
    ...(told.detail === undefined ? [] : [section(told.detail)]),
    ...(failed === undefined ? [] : [failurePart(failed, view.texts, 2400)]),
  ];
  const broadcast = told.always === 'in the channel' || channel.includes(told.topic);
  return { ...drawn(told.words, blocks), final: true, broadcast, mentions: told.mentions ?? [] };
}

const failureOf = ({ event }: NoteView) =>
  event.type === 'ReleaseStageFailed' || event.type === 'DeploymentStageFailed' ? event.failure : undefined;

function tell(view: NoteView): Told | undefined {
  const { event } = view;
  if (!('version' in event)) return undefined;
  return 'environment' in event ? tellOfSlot(view, event) : tellOfRelease(view, event);
}

/** Events of a release or a deployment: what a card's thread is told of. */
type OfCard = Extract<CardEvent, { version: number }>;

const named = (event: Event): string =>
  `*${oneLine(event.service, 60)}${'version' in event ? ` v${event.version}` : ''}*`;

function tellOfRelease({ texts, changes }: NoteView, event: Event): Told | undefined {
  const name = named(event);
  switch (event.type) {
    case 'ReleaseRequested':
      return changes?.commits === undefined
        ? undefined
        : {
            topic: 'changes',
            words: `📝 ${name} changes ${plural(changes.commits.total, 'commit')} against v${changes.from}, which is live.`,
            detail: commitsLines(changes.commits),
          };
    case 'PackageBuilt':
      return {
        topic: 'progress',
        words: `📦 ${name} is built: ${oneLine(event.package.name, 80)}, ${bytes(event.package.size)}, \`${shortDigest(event.package.digest)}\`.`,
      };
    case 'ImageBaked':
      return {
        topic: 'progress',
        words: `🍞 ${name} is baked: image \`${shortDigest(event.image.digest)}\`, ${bytes(event.image.size)}${event.image.reused ? '. The same inputs were baked before, so that image was taken' : ''}.`,
      };
    case 'SuitesRun':
      return {
        topic: 'tests',
        words: `${testsLine(event.suites, event.version) ?? `🧪 ${name} has no tests to run.`}`,
        detail: failedTests(event.suites, event.version, texts),
      };
    case 'ReleaseStageFailed':
      return {
        topic: 'failures',
        words: `❌ ${name} failed in ${oneLine(event.failure.stage, 40)}: ${failureSentence(event.failure, texts)}`,
      };
    case 'ReleaseHookFailed':
      return { topic: 'failures', words: hookFailed(name, event, texts) };
    case 'ReleaseLeftOver':
      return { topic: 'failures', words: leftOver(name, failureSentence(event.failure, texts)) };
    case 'ReleaseCancelRequested':
      return {
        topic: 'decisions',
        words: `⏹️ ${name} was cancelled by ${person(event.by)}.${because(event.reason, texts)}`,
      };
    case 'ReleaseOvertaken':
      return {
        topic: 'progress',
        words: `⏭️ ${name} is superseded by v${event.newer}, a newer push of the same branch.`,
      };
    case 'ReleaseRetried':
      return {
        topic: 'decisions',
        words: `🔁 ${person(event.by)} tries ${name} again from *${event.stage}*.`,
      };
    case 'ReleasePromoted':
      return { topic: 'progress', words: `✅ ${name} is production ready.` };
    default:
      return undefined;
  }
}

/** An operator said yes where people have to: louder than any other yes. */
const brokenGlass = (
  { by, breakGlass = '' }: Approval,
  texts: NoteView['texts'],
  name: string,
  where: string,
): Told => ({
  topic: 'decisions',
  always: 'in the channel',
  words: `🚨 *Glass broken* by ${person(by)}, who approved ${name} for ${where} at the command line. Reason: ${oneLine(texts[breakGlass] ?? '[erased]', 400)}`,
});

/** Of a deployment that is not in this view all who hold the right. */
const wanted = ({ policy, deployment, release, wroteIt }: NoteView, environment: string): People =>
  deployment === undefined
    ? whoMay('approve', policy, environment)
    : whoseYesIsWanted(deployment, policy, release, wroteIt);

function tellOfSlot(view: NoteView, event: OfCard): Told | undefined {
  if (!('environment' in event)) return undefined;
  const { texts } = view;
  const name = named(event);
  const where = `*${oneLine(event.environment, 40)}*`;
  switch (event.type) {
    case 'DeploymentRequested':
      return event.order.kind === 'rollback'
        ? {
            topic: 'decisions',
            words: `↩️ ${person(event.order.requestedBy)} rolls ${where} back to ${name}.${because(event.order.reason, texts)}`,
          }
        : undefined;
    case 'DeploymentWaits':
      return event.wait.for === 'approval'
        ? {
            topic: 'approvals',
            words: `✋ ${callOn(wanted(view, event.environment))}: ${name} waits for your approval for ${where}, until ${when(event.wait.until)}. The buttons are on its card.`,
            mentions: userIds(wanted(view, event.environment)),
          }
        : undefined;
    case 'DeploymentApproved':
      if (event.approval.breakGlass !== undefined) return brokenGlass(event.approval, texts, name, where);
      return {
        topic: 'decisions',
        words: `👍 ${person(event.approval.by)} approved ${name} for ${where} (image \`${shortDigest(event.approval.image)}\`).`,
      };
    case 'DeploymentRejected':
      return {
        topic: 'decisions',
        words: `⛔ ${person(event.by)} rejected ${name} for ${where}: ${oneLine(texts[event.reason] ?? '[erased]', 1000)}`,
      };
    case 'DeploymentCancelRequested':
      return {
        topic: 'decisions',
        words: `⏹️ ${person(event.by)} cancelled ${name} for ${where}. What is live there stays.${because(event.reason, texts)}`,
      };
    case 'DeploymentOvertaken':
      return {
        topic: 'progress',
        words: `⏭️ ${name} is overtaken in ${where} by ${event.byVersion === undefined ? 'a newer deployment or a rollback' : `v${event.byVersion}`}.`,
      };
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
    case 'RetireRequested':
      return event.by.kind === 'clock'
        ? undefined
        : { topic: 'retire', words: `🧹 ${person(event.by)} retires what ran before ${name} in ${where}.` };
    case 'MigrationDone':
      return { topic: 'progress', words: `🗃️ ${name} has changed the database of ${where}.` };
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
      return {
        topic: 'retire',
        words: `⚠️ In ${where} the old release is kept for now: the new one is not healthy.`,
      };
    case 'OutputRead':
      return {
        topic: 'progress',
        always: 'in the thread',
        words: `📄 What ${name} wrote last in ${where}:`,
        detail: codeBlock((texts[event.lines] ?? '[erased]').split('\n'), 2700) || 'Nothing.',
      };
    case 'OutputNotRead':
      return {
        topic: 'progress',
        always: 'in the thread',
        words: `❓ What ${name} wrote in ${where} could not be read: ${failureSentence(event.failure, texts)}`,
      };
    case 'TrafficReturned':
      return {
        topic: 'failures',
        words: `↩️ Traffic in ${where} has left ${leftByTraffic(view)} by itself and is back on ${name}.`,
      };
    case 'DeploymentStageFailed':
      return {
        topic: 'failures',
        words: `❌ ${name} failed in ${where} (${oneLine(event.failure.stage, 40)}): ${failureSentence(event.failure, texts)}`,
      };
    case 'DeploymentExpired':
      return {
        topic: 'failures',
        words: `⌛ ${name} was not approved in time for ${where}. Nothing was changed.`,
      };
    case 'DeploymentHookFailed':
      return { topic: 'failures', words: hookFailed(name, event, texts) };
    case 'DeploymentLeftOver':
      return { topic: 'failures', words: leftOver(name, failureSentence(event.failure, texts)) };
    case 'DeploymentRetried':
      return {
        topic: 'decisions',
        words: `🔁 ${person(event.by)} tries ${name} in ${where} again from *${event.stage}*.`,
      };
    case 'ReleaseQuarantined':
      return {
        topic: 'progress',
        words: `🚧 ${name} is quarantined for ${inWords(event.environments.map((one) => oneLine(one, 40)))}: it was rolled back${rolledBackBy(event.by)}${event.reason === undefined ? '' : ` (${oneLine(texts[event.reason] ?? '[erased]', 300)})`}.`,
      };
    case 'ApprovalsVoided':
    case 'MoreApprovalsAsked':
    case 'DeploymentAskedAgain':
    case 'DeploymentReminded':
    case 'DeploymentOverridden':
    case 'DeploymentGaveWay':
    case 'QuarantineLifted':
      return consentNote(view, event, name, where);
    default:
      return undefined;
  }
}

/** All that was measured of it, once it has soaked. */
function measured({ deployment }: NoteView, name: string, where: string): Told | undefined {
  const line = deployment === undefined ? undefined : measuredLine(deployment);
  return line === undefined ? undefined : { topic: 'traffic', words: `${name} in ${where}: ${line}.` };
}

const rolledBackBy = (by: Actor | undefined): string => {
  if (by === undefined) return '';
  return by.kind === 'clock' ? ' by Bakery itself' : ` by ${person(by)}`;
};

/** The event names the release that serves again; the deployment is of the one that failed. */
const leftByTraffic = ({ deployment }: NoteView): string =>
  deployment === undefined ? 'the new one' : `v${deployment.version}`;

const because = (reason: string | undefined, texts: NoteView['texts']): string =>
  reason === undefined ? '' : ` Reason: ${oneLine(texts[reason] ?? '[erased]', 400)}`;

const hookFailed = (
  name: string,
  { hook, failure }: { hook: string; failure: StageFailure },
  texts: NoteView['texts'],
): string =>
  `⚠️ ${name} goes on without its hook *${oneLine(hook, 40)}* at *${oneLine(failure.stage, 40)}*: ${failureSentence(failure, texts)}`;

const leftOver = (name: string, why: string): string =>
  `⚠️ Something that ${name} had made could not be removed: ${why} An operator has to look.`;
