import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real Git repository in a new folder, and a way to run git in it. */
export function newRepository(): {
  dir: string;
  git: (...argv: string[]) => string;
  commit: (subject: string) => string;
} {
  const dir = mkdtempSync(join(tmpdir(), 'bakery-repository-'));
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
  const git = (...argv: string[]): string =>
    execFileSync('git', argv, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('init', '--quiet', '--initial-branch=main');
  let count = 0;
  const commit = (subject: string): string => {
    writeFileSync(join(dir, 'file'), `${++count}`);
    git('add', 'file');
    git('commit', '--quiet', '--cleanup=verbatim', '-m', subject);
    return git('rev-parse', 'HEAD');
  };
  return { dir, git, commit };
}
