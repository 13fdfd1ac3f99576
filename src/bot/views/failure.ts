import type { KnownBlock } from '@slack/types';
import type { RetireFailed } from '../../pipeline/domain/deployment.ts';
import type { StageFailure } from '../../pipeline/domain/release.ts';
import { section } from './blocks.ts';
import { codeBlock, oneLine } from './format.ts';

/** Why it failed, in a sentence, with the last lines of its output. */
export function failurePart(failure: StageFailure, texts: Record<string, string>, most = 1500): KnownBlock {
  const lines = failure.lines === undefined ? '' : codeBlock((texts[failure.lines] ?? '').split('\n'), most);
  return section(
    `*Why ${oneLine(failure.stage, 40)} failed:* ${failureSentence(failure, texts)}${lines === '' ? '' : `\n${lines}`}`,
  );
}

/** Why the old release could not be let go: a sentence to go on with. */
export const whyKept = ({ hook, failure }: RetireFailed, texts: Record<string, string>): string => {
  const why = failureSentence(failure, texts);
  return hook === undefined
    ? `it could not be let go. ${why}`
    : `the hook *${oneLine(hook, 40)}* did not agree. ${why}`;
};

export const failureSentence = (failure: StageFailure, texts: Record<string, string>): string =>
  oneLine(texts[failure.sentence] ?? '[erased]', 600);
