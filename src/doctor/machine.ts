import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../config/config.ts';
import { oldestNode } from '../ops/version.ts';
import { type Finding, well, wrong } from './finding.ts';

/** Node.js, which runs this, against what package.json asks for. */
export function lookAtNode(version = process.versions.node, oldest = oldestNode()): Finding[] {
  if (compare(version, oldest) >= 0) return [well(`Node.js ${version} runs Bakery (${oldest} or newer).`)];
  return [
    wrong(
      `Node.js ${version} is older than ${oldest}.`,
      'Bakery is tested on that version and newer ones; on this one it may fail at any place.',
      `Install Node.js ${oldest} or newer, then \`npm ci\` and \`npm run build\` again.`,
    ),
  ];
}

/** The programs that Bakery calls by name: git always, ssh where a repository is fetched by it. */
export async function lookAtPrograms({ policies }: Pick<Config, 'policies'>): Promise<Finding[]> {
  const bySsh = [...policies.values()].filter(({ repository }) => isSsh(repository));
  const wanted = [
    { name: 'git', args: ['--version'], why: 'Every release begins with a fetch by git.' },
    ...(bySsh.length === 0
      ? []
      : [
          {
            name: 'ssh',
            args: ['-V'],
            why: `The repositories of ${bySsh.map(({ service }) => service).join(', ')} are fetched by ssh.`,
          },
        ]),
  ];
  return Promise.all(wanted.map(lookAtProgram));
}

async function lookAtProgram(wanted: { name: string; args: string[]; why: string }): Promise<Finding> {
  try {
    const { stdout, stderr } = await promisify(execFile)(wanted.name, wanted.args, { timeout: 10_000 });
    return well(`${wanted.name} is here: ${(stdout || stderr).trim().split('\n')[0]}.`);
  } catch {
    return wrong(
      `${wanted.name} is not on the PATH (${process.env.PATH ?? 'empty'}).`,
      wanted.why,
      `Install it (Debian: apt-get install git openssh-client), or put its folder on the PATH of Bakery's unit.`,
    );
  }
}

/** `ssh://…` and `user@host:path`. */
const isSsh = (repository: string): boolean =>
  repository.startsWith('ssh://') || /^[^/:]+@[^/:]+:/.test(repository);

function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number));
  for (let at = 0; at < 3; at++) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
