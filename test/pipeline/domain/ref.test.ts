import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRef, looksLikeSha } from '../../../src/pipeline/domain/ref.ts';

const gitTakes = (ref: string): boolean => {
  try {
    execFileSync('git', ['check-ref-format', `refs/heads/${ref}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('a ref', () => {
  it.each(['main', 'v1.2.3', 'feature/a-b', 'release-2026.01', 'ab12cd3', 'zweig/größe'])(
    'may be %s',
    (ref) => {
      expect(isRef(ref)).toBe(true);
    },
  );

  it.each([
    '',
    '@',
    '-x',
    '--upload-pack=touch x',
    'a..b',
    'a b',
    'a\tb',
    'a\u0000b',
    'a\u007fb',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a@{1}',
    'a/',
    '/a',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'x'.repeat(251),
  ])('may not be %j', (ref) => {
    expect(isRef(ref)).toBe(false);
  });

  it('that is accepted is accepted by git too, and is never an option', () => {
    const awkward = fc.string({
      unit: fc.constantFrom(...'ab1/.-@{~^:lock\\ \u0001'),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 12 })), (ref) => {
        if (!isRef(ref)) return;
        expect(ref.startsWith('-')).toBe(false);
        expect(gitTakes(ref)).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  it('may be a commit only from seven digits on', () => {
    expect(['abcdef1', 'A'.repeat(40), 'abcdef', 'abcdefg'].map(looksLikeSha)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
