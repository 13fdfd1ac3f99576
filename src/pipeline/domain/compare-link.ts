/** Where a person can read what lies between two commits; undefined for hosts whose pages are not known. */
export function compareLink(repository: string, from: string, to: string): string | undefined {
  const [, host, path] =
    /^(?:https:\/\/|ssh:\/\/git@|git@)([A-Za-z0-9.-]+)(?::\d+)?[/:]([\w./~-]+?)(?:\.git)?\/?$/.exec(
      repository,
    ) ?? [];
  if (host === undefined || path === undefined) return undefined;
  if (/(^|\.)github\./.test(host)) return `https://${host}/${path}/compare/${from}...${to}`;
  if (/(^|\.)gitlab\./.test(host)) return `https://${host}/${path}/-/compare/${from}...${to}`;
  if (/(^|\.)bitbucket\.org$/.test(host)) return `https://${host}/${path}/branches/compare/${to}%0D${from}`;
  return undefined;
}
