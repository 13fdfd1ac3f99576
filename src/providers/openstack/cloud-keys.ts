/** A part of clouds.yaml, or of what the OS_* variables say, before it is checked. */
export type Tree = { [key: string]: unknown };
export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Older names of keys, as other tools still read them. */
const olderNames: Record<string, string> = { tenant_id: 'project_id', tenant_name: 'project_name' };
/** Keys of `auth` that some files have beside it. */
const ofAuth = new Set([
  ...['auth_url', 'username', 'user_id', 'password', 'token'],
  ...['user_domain_id', 'user_domain_name', 'domain_id', 'domain_name', 'default_domain'],
  ...['project_id', 'project_name', 'project_domain_id', 'project_domain_name'],
  ...['application_credential_id', 'application_credential_name', 'application_credential_secret'],
]);

const renamed = (key: string): string => {
  const plain = key.replaceAll('-', '_');
  return olderNames[plain] ?? plain;
};

/** YAML takes a name like 42 for a number. */
const asText = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);

/**
 * The same with one name for each key: a project that is called tenant, keys of `auth` that stand beside it, an
 * interface by its older name and value (`endpoint_type: internalURL`), and numbers that are names.
 */
export function withOneName(cloud: Tree): Tree {
  const auth: Tree = {};
  const made: Tree = {};
  for (const [key, value] of Object.entries(cloud))
    if (key === 'auth') continue;
    else if (ofAuth.has(renamed(key))) auth[renamed(key)] = asText(value);
    else made[renamed(key)] = key === 'region_name' ? asText(value) : value;
  for (const [key, value] of Object.entries(isTree(cloud.auth) ? cloud.auth : {}))
    auth[renamed(key)] = asText(value);
  const { endpoint_type: older, interface: named = older, ...rest } = made;
  const known = typeof named === 'string' ? named.replace(/URL$/, '') : named;
  return { ...rest, ...(known === undefined ? {} : { interface: known }), auth: withDomains(auth) };
}

/**
 * A domain that is named for everything is the user's and the project's, unless these are named: `default_domain` by
 * its id, as the OpenStack client takes it.
 */
function withDomains({ default_domain, domain_id, domain_name, ...auth }: Tree): Tree {
  const id = domain_id ?? (domain_name === undefined ? default_domain : undefined);
  const made = { ...auth };
  for (const of of ['user', 'project']) {
    if (made[`${of}_domain_id`] !== undefined || made[`${of}_domain_name`] !== undefined) continue;
    if (id !== undefined) made[`${of}_domain_id`] = id;
    else if (domain_name !== undefined) made[`${of}_domain_name`] = domain_name;
  }
  return made;
}

/** One laid over the other, branch by branch. */
export function overlaid(below: Tree, above: Tree): Tree {
  const merged = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isTree(under) && isTree(value) ? overlaid(under, value) : value;
  }
  return merged;
}
