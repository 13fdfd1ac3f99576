import { describe, expect, it } from 'vitest';
import { repositoryProblem, sameRepository } from '../../../src/pipeline/domain/repository.ts';

describe('a repository', () => {
  it.each([
    '/srv/git/hello.git',
    './hello',
    '../hello',
    'file:///srv/hello.git',
    'https://github.com/acme/hello.git',
    'ssh://git@github.com/acme/hello',
    'ssh://git@github.com:2222/acme/hello',
    'git@github.com:acme/hello.git',
  ])('may be %s', (address) => {
    expect(repositoryProblem(address)).toBeUndefined();
  });

  it.each([
    '',
    'hello',
    '-u',
    '--upload-pack=x',
    'ext::sh -c touch',
    'http://github.com/a/b',
    'git://github.com/a/b',
    'fd::3',
    'https://',
    'ssh://-oProxyCommand=x/y',
    'git@-oProxyCommand=x:y',
    'https://token@github.com/a/b',
    'https://user:pw@github.com/a/b',
    'ssh://git:pw@host/a',
    'git@host:a b',
    '/srv/\u0007x',
  ])('may not be %j', (address) => {
    expect(repositoryProblem(address)).toMatch(/\.$/);
  });

  it('is the same in all its spellings', () => {
    const spellings = [
      'https://github.com/acme/hello.git',
      'https://GitHub.com/Acme/hello/',
      'git@github.com:acme/hello.git',
      'ssh://git@github.com/acme/hello.git',
      'ssh://git@github.com:22/acme/hello',
    ];
    for (const spelling of spellings) expect(sameRepository(spelling, spellings[0] ?? '')).toBe(true);
    expect(sameRepository('/srv/git/hello.git', 'file:///srv/git/hello')).toBe(true);
    expect(sameRepository('/srv/git/hello.git', '/srv/git/Hello')).toBe(false);
  });

  it('is another one on another host, port, path or in other letters', () => {
    const hello = 'https://github.com/acme/hello';
    for (const other of [
      'https://github.com.evil.example/acme/hello',
      'https://github.com:8443/acme/hello',
      'https://github.com/acme/hello2',
      'https://github.com/acme/%zz',
      '/acme/hello',
    ])
      expect(sameRepository(other, hello)).toBe(false);
  });
});
