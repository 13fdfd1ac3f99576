import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from './temp-folder.ts';

const identity = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2024-01-02T03:04:05Z',
  GIT_COMMITTER_DATE: '2024-01-02T03:04:05Z',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** A real Git repository of this test alone. */
export interface TestRepository {
  path: string;
  /** Commits these files (path to content) on top of what is there; returns the commit's id. */
  commit(files: Record<string, string>): string;
}

/** Makes a repository; `example` names a folder of `examples/` that it begins with. */
export const gitRepository = (example?: string): TestRepository => {
  const path = tempFolder();
  const git = (...argv: string[]): string =>
    execFileSync('git', argv, { cwd: path, encoding: 'utf8', env: { ...process.env, ...identity } }).trim();
  git('init', '--quiet', '--initial-branch=main');
  if (example !== undefined) {
    cpSync(fileURLToPath(new URL(`../../examples/${example}/`, import.meta.url)), path, { recursive: true });
  }
  const commit = (files: Record<string, string>): string => {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
    }
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '-m', 'a change');
    return git('rev-parse', 'HEAD');
  };
  return { path, commit };
};
