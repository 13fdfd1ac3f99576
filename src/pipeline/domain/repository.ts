const scpLike = /^[A-Za-z0-9._-]+@[A-Za-z0-9][A-Za-z0-9.-]*:[^:\s]\S*$/;
const withScheme = /^(https|ssh|file):\/\/\S+$/;
const localPath = /^(?:\/|\.{1,2}\/)\S/;

/**
 * Why a text may not name a repository; undefined when it may. Allowed are a local path, `file://`, `https://`,
 * `ssh://` and `user@host:path`; nothing that git would take for an option or a helper (`ext::`), and no
 * credentials. Does not repeat the text.
 */
export function repositoryProblem(text: string): string | undefined {
  if (text.length > 1024 || /\p{Cc}/u.test(text))
    return 'is too long or holds control characters; correct it.';
  if (localPath.test(text) || scpLike.test(text)) return undefined;
  if (!withScheme.test(text) || !URL.canParse(text))
    return 'must be a local path, file://, https://, ssh:// or git@host:path; anything else is refused.';
  const url = new URL(text);
  if (url.protocol !== 'file:' && (url.hostname === '' || url.hostname.startsWith('-')))
    return 'names no host; correct it.';
  const secret = url.password !== '' || (url.protocol === 'https:' && url.username !== '');
  return secret ? 'holds credentials; leave them out and name them by reference under `access`.' : undefined;
}

/**
 * One text for all spellings of a repository's address: host and path, without scheme, user, `.git` and trailing
 * slash, in lower case. For a local path: the path.
 */
export function repositoryKey(text: string): string {
  const trimmed = text.trim();
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(trimmed);
  if (scp && !/^[a-z]+:\/\//i.test(trimmed)) return joined(scp[1] ?? '', scp[2] ?? '');
  if (!URL.canParse(trimmed)) return joined('', trimmed);
  const url = new URL(trimmed);
  const port = url.port === '' || (url.protocol === 'ssh:' && url.port === '22') ? '' : `:${url.port}`;
  return joined(url.hostname + port, decoded(url.pathname));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function joined(host: string, path: string): string {
  const plain = path.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
  const key = `${host}/${plain.replace(/\.git$/, '')}`;
  // Forges do not tell the cases of a name apart; this machine's file system does.
  return host === '' ? key : key.toLowerCase();
}

/** Whether two addresses name one repository. */
export const sameRepository = (a: string, b: string): boolean => repositoryKey(a) === repositoryKey(b);
