import type { KnownBlock } from '@slack/types';
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

export const failureSentence = (failure: StageFailure, texts: Record<string, string>): string =>
  oneLine(texts[failure.sentence] ?? '[erased]', 600);
