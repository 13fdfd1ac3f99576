import { deploymentStages } from '../pipeline/domain/deployment.ts';
import { releaseStages } from '../pipeline/domain/release.ts';

/** Words of the command grammar, now and to come: a service of such a name could not be asked for. */
export const reservedWords = [
  'status',
  'history',
  'log',
  'logs',
  'deploy',
  'cancel',
  'retire',
  'retry',
  'help',
  'why',
  'diff',
  'hotfix',
  'approve',
  'reject',
  'lock',
  'unlock',
  'steal',
  'freeze',
  'unfreeze',
  'revoke',
  'stop',
  'overrides',
  'override',
  'claim',
  'keep',
  'images',
  'reaper',
  'output',
  'trace',
  'traces',
  'repair',
  'who',
  'all',
  'list',
  'rollback',
  'bake',
  'release',
  'releases',
  'service',
  'services',
  'version',
  'versions',
  'latest',
  'here',
] as const;

const versionLike = /^v\d+$/;

/** Why a service may not have this name; undefined when it may. */
export function serviceNameProblem(name: string): string | undefined {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name))
    return 'a service is named with lower-case letters, digits and dashes, beginning with a letter, at most 40 characters; rename the file.';
  if (reservedWords.some((word) => word === name))
    return `\`${name}\` is a word of Bakery's commands and cannot name a service; rename the file.`;
  if (versionLike.test(name))
    return `\`${name}\` reads like a version and cannot name a service; rename the file.`;
  return undefined;
}

/** Why an environment may not have this name; undefined when it may. */
export function environmentNameProblem(name: string): string | undefined {
  const stages: readonly string[] = [...releaseStages, ...deploymentStages];
  if (stages.includes(name)) return 'is the name of a stage and cannot name an environment; rename it.';
  if (versionLike.test(name)) return 'reads like a version and cannot name an environment; rename it.';
  return undefined;
}
