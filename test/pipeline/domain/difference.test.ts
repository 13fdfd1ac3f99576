import { describe, expect, it } from 'vitest';
import { compareLink } from '../../../src/pipeline/domain/compare-link.ts';
import { imageDifference, isSame, settingsDifference } from '../../../src/pipeline/domain/difference.ts';

describe('the difference of two images', () => {
  it('names packages of any kind of bill of materials and files by digest', () => {
    const from = {
      components: [
        { name: 'node', version: '20.1' },
        { name: 'left-pad', version: '1' },
      ],
      entries: [
        { path: 'app', kind: 'folder', mode: '555' },
        { path: 'app/a.js', kind: 'file', digest: 'sha256:1' },
      ],
    };
    const to = {
      packages: [
        { name: 'node', version: '20.2' },
        { name: 'curl', version: '8' },
      ],
      entries: [
        { path: 'app/a.js', kind: 'file', digest: 'sha256:2' },
        { path: 'app/b.js', kind: 'file', digest: 'sha256:3' },
      ],
    };
    expect(imageDifference(from, to)).toEqual({
      packages: { added: ['curl'], removed: ['left-pad'], changed: ['node'] },
      files: { added: ['app/b.js'], removed: [], changed: ['app/a.js'] },
    });
  });

  it.each([[undefined], [null], ['text'], [{}], [{ entries: 'no list' }], [{ entries: [1, null] }]])(
    'of %j is not known',
    (manifest) => {
      expect(imageDifference(manifest, { files: [{ path: 'a', digest: 'b' }] })).toBeUndefined();
    },
  );
});

it('settings are compared by value and by reference, and no value is repeated', () => {
  const settings = (values: Parameters<typeof settingsDifference>[0]['values']) => ({ digest: 'd', values });
  const found = settingsDifference(
    settings({ SAME: { value: 'a' }, TOKEN: { secret: 'env:A' }, OLD: { value: 'hidden-value' } }),
    settings({ SAME: { value: 'a' }, TOKEN: { secret: 'env:B' }, NEW: { value: 'hidden-value' } }),
  );
  expect(found).toEqual({ added: ['NEW'], removed: ['OLD'], changed: ['TOKEN'] });
  expect(isSame(found)).toBe(false);
  expect(JSON.stringify(found)).not.toContain('hidden-value');
});

it.each([
  ['https://github.com/acme/hello.git', 'https://github.com/acme/hello/compare/a...b'],
  ['git@github.com:acme/hello.git', 'https://github.com/acme/hello/compare/a...b'],
  [
    'ssh://git@gitlab.example.com:22/group/sub/hello',
    'https://gitlab.example.com/group/sub/hello/-/compare/a...b',
  ],
  ['https://git.example.com/acme/hello.git', undefined],
  ['file:///srv/hello', undefined],
])('the changes in %s are read at %s', (repository, link) => {
  expect(compareLink(repository, 'a', 'b')).toBe(link);
});
