/** How a private repository is read. Keys and tokens are references, resolved where git runs. */
export type RepositoryAccess =
  | { by: 'deploy key'; key: string; knownHosts: string[] }
  | { by: 'token'; token: string }
  | { by: 'github app'; app: number; installation: number; key: string; api: string };

/** A service's own secrets for its build: reference by name of the variable. */
export type BuildSecrets = Readonly<Record<string, string>>;
