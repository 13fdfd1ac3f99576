import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryAccess } from '../pipeline/domain/access.ts';
import type { At } from '../pipeline/domain/time.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { OpenAccess, OpenedAccess } from '../pipeline/repository-access.ts';
import { installationTokens } from './github-app.ts';

interface Parts {
  /** Reads a secret by its reference. */
  secret(reference: string): Promise<string>;
  /** From here on no line of a log holds the value. */
  hide(value: string): void;
  now(): At;
}

/** Private repositories by deploy key, by a forge's token, and as a GitHub App. */
export function repositoryAccess({ secret, hide, now }: Parts): OpenAccess {
  const tokenOf = installationTokens({ secret, hide, now });
  return async (access, repository, folder) => {
    switch (access.by) {
      case 'deploy key':
        return byKey(access, await secret(access.key), folder);
      case 'token':
        return byToken(repository, withUser(await secret(access.token)), hide);
      case 'github app':
        return byToken(repository, `x-access-token:${await tokenOf(access, repository)}`, hide);
    }
  };
}

/** Folders of keys begin so: what a killed process left is known by it. */
export const keyFolder = 'bakery-key-';

/**
 * Constant: paths come in by variables, since git has a shell read this. No agent, no other key, no other file of hosts, and
 * no configuration of this account's.
 */
const sshCommand = [
  'ssh -F none -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=yes',
  '-o IdentitiesOnly=yes -o IdentityAgent=none -o ForwardAgent=no -o GlobalKnownHostsFile=none',
  `-o UserKnownHostsFile="$BAKERY_GIT_HOSTS" -i "$BAKERY_GIT_KEY"`,
].join(' ');

async function byKey(
  { knownHosts }: Extract<RepositoryAccess, { by: 'deploy key' }>,
  key: string,
  below: string,
): Promise<OpenedAccess> {
  // mkdtemp makes it 0700: other accounts of this machine reach neither.
  const folder = await mkdtemp(join(below, keyFolder));
  const close = () => rm(folder, { recursive: true, force: true });
  const [keyFile, hostsFile] = [join(folder, 'key'), join(folder, 'known_hosts')];
  if (/[\s"%\\]/.test(folder)) {
    await close();
    throw new ProviderError(
      'bad settings',
      'A folder that ssh reads a key from may have no spaces, quotes or % in its path. Nothing was fetched; set `data` and `worker.scratch` in bot.yaml to others.',
    );
  }
  try {
    await writeFile(keyFile, `${key.trimEnd()}\n`, { mode: 0o600 });
    await writeFile(hostsFile, `${knownHosts.join('\n')}\n`, { mode: 0o600 });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    env: { GIT_SSH_COMMAND: sshCommand, BAKERY_GIT_KEY: keyFile, BAKERY_GIT_HOSTS: hostsFile },
    close,
  };
}

/** Forges take any user with a token, but for some kinds of it: then the secret is `user:token`. */
const withUser = (token: string): string => (token.includes(':') ? token : `oauth2:${token}`);

/** A header by git's own configuration in variables, for this server alone: in no argument, no address and no file. */
function byToken(repository: string, credentials: string, hide: (value: string) => void): OpenedAccess {
  const basic = Buffer.from(credentials).toString('base64');
  hide(basic);
  hide(credentials.slice(credentials.indexOf(':') + 1));
  const { origin } = new URL(repository);
  return {
    env: gitConfig({
      [`http.${origin}/.extraHeader`]: `Authorization: Basic ${basic}`,
      // A server that sends git elsewhere does not get the token there.
      'http.followRedirects': 'false',
      'credential.helper': '',
    }),
    close: async () => {},
  };
}

/** Settings of git as variables of its environment. */
export function gitConfig(settings: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(Object.keys(settings).length), ...Object.fromEntries(pairs) };
}

/** Two environments of git as one, with the settings of both. */
export function joinedGit(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...one, ...other, ...gitConfig({ ...settingsOf(one), ...settingsOf(other) }) };
}

function settingsOf(env: Readonly<Record<string, string>>): Record<string, string> {
  const count = Number(env.GIT_CONFIG_COUNT ?? 0);
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      env[`GIT_CONFIG_KEY_${at}`] ?? '',
      env[`GIT_CONFIG_VALUE_${at}`] ?? '',
    ]),
  );
}
