import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ProviderError } from '../../pipeline/provider.ts';
import { type Cloud, cloudSchema } from './cloud.ts';
import { isTree, overlaid, type Tree, withOneName } from './cloud-keys.ts';

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or undefined when there is none. */
  read(path: string): string | undefined;
}

/**
 * The cloud `name`, else OS_CLOUD, from `clouds.yaml` with `secure.yaml` laid over it and the other OS_* variables over
 * both, as the OpenStack client does; without any name, what the variables describe. Throws `bad settings`; no value of a setting stands in the sentence.
 */
export function readCloud({ env, read }: Surroundings, name = env.OS_CLOUD): Cloud {
  const said = fromEnvironment(env);
  const described = name === undefined ? said : overlaid(fromFiles(name, { env, read }), said);
  const checked = cloudSchema.safeParse(described);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = name === undefined ? 'The OS_* variables' : `Cloud ${name} of clouds.yaml`;
  throw new ProviderError('bad settings', `${where}: ${issue?.path.join('.')} ${issue?.message}`);
}

function fromFiles(name: string, { env, read }: Surroundings): Tree {
  const find = (file: string, override: string | undefined): Tree => {
    const folders = ['.', join(env.HOME ?? homedir(), '.config', 'openstack'), '/etc/openstack'];
    const paths = override === undefined ? folders.map((folder) => join(folder, file)) : [override];
    const path = paths.find((one) => read(one) !== undefined);
    return path === undefined ? {} : cloudIn(path, read(path) ?? '', name);
  };
  const open = find('clouds.yaml', env.OS_CLIENT_CONFIG_FILE);
  const secret = find('secure.yaml', env.OS_CLIENT_SECURE_FILE);
  if (Object.keys(open).length === 0)
    throw new ProviderError('bad settings', `No clouds.yaml has a cloud ${name}. Name one that is there.`);
  return overlaid(withOneName(open), withOneName(secret));
}

function cloudIn(path: string, text: string, name: string): Tree {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    // The parser's own words repeat the line, which may hold a password.
    throw new ProviderError('bad settings', `${path} is not YAML. Correct it, then retry.`);
  }
  const clouds = isTree(document) && isTree(document.clouds) ? document.clouds : {};
  const cloud = clouds[name];
  return isTree(cloud) ? cloud : {};
}

/** Not of a cloud: which one, and where its files are. */
const otherVariables = new Set(['OS_CLOUD', 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE']);

function fromEnvironment(env: Surroundings['env']): Tree {
  const cloud: Tree = {};
  for (const [variable, value] of Object.entries(env)) {
    const isOurs = variable.startsWith('OS_') && !otherVariables.has(variable);
    if (isOurs && value !== undefined && value !== '') cloud[variable.slice(3).toLowerCase()] = value;
  }
  return withOneName(cloud);
}
