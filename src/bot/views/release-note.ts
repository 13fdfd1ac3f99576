import type { NoteView } from '../../pipeline/views.ts';
import { commitsLines } from './changes-part.ts';
import { failureSentence } from './failure.ts';
import { bytes, oneLine, person, plural, shortDigest } from './format.ts';
import { failedTests, testsLine } from './tests-part.ts';
import { because, hookFailed, leftOver, type OfRelease, type Told } from './told.ts';

/** What the thread is told of a release on its way to production ready. */
export function releaseNote({ texts, changes }: NoteView, event: OfRelease, name: string): Told | undefined {
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
