import * as z from 'zod';
import type { RepositoryAccess } from '../pipeline/domain/access.ts';
import { variableName } from './fields.ts';
import { secretReference } from './secret.ts';
import { named, strict } from './strict.ts';

const kind = 'services/*.yaml';

/** A line as ssh-keyscan prints it; never one that stands for every host. */
const hostLine = z
  .string()
  .max(2_000)
  .regex(/^[A-Za-z0-9[\]:.,_-]+ (?:ssh-|ecdsa-|sk-)[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+$/, {
    error: 'must be a line of known_hosts, as `ssh-keyscan` prints it: host, kind of key, key.',
  });

const id = z.int({ error: 'must be the number that GitHub shows; correct it.' }).min(1);

/** How a private repository is read: exactly one of the three. */
export const accessFile = strict(kind, {
  deployKey: strict(kind, {
    key: secretReference,
    knownHosts: z.array(hostLine).min(1).max(20),
  }).optional(),
  token: secretReference.optional(),
  githubApp: strict(kind, {
    app: id,
    installation: id,
    key: secretReference,
    api: z
      .url({ protocol: /^https?$/, error: 'must be an address, like https://api.github.com; correct it.' })
      .default('https://api.github.com'),
  }).optional(),
}).refine((made) => Object.values(made).filter((way) => way !== undefined).length === 1, {
  error: 'must have exactly one of `deployKey`, `token` and `githubApp`.',
});

/** What only the service's own build is given: references by the names of their variables. */
export const buildSecretsFile = named(variableName, secretReference);

export function toAccess(file: z.output<typeof accessFile>): RepositoryAccess | undefined {
  const { deployKey, token, githubApp } = file;
  if (deployKey !== undefined) return { by: 'deploy key', ...deployKey };
  if (token !== undefined) return { by: 'token', token };
  return githubApp === undefined ? undefined : { by: 'github app', ...githubApp };
}

/** Why this way does not fit the repository's address; undefined when it does. */
export function accessProblem(access: RepositoryAccess, repository: string): string | undefined {
  const https = /^https:\/\//.test(repository);
  const ssh = /^ssh:\/\//.test(repository) || /^[^/:]+@[^/:]+:/.test(repository);
  if (access.by === 'deploy key')
    return ssh ? undefined : '`deployKey` needs an address by ssh, like git@host:acme/hello.git.';
  return https
    ? undefined
    : `\`${access.by === 'token' ? 'token' : 'githubApp'}\` needs an address that begins with https://.`;
}
