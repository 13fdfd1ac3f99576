import type { RepositoryAccess } from './domain/access.ts';

/** What git is given to read one private repository, beside the address. Nothing of it stands in an argument or in a file of the checkout. */
export interface OpenedAccess {
  env: Record<string, string>;
  /** Takes away what was written for it. Called whatever happens. */
  close(): Promise<void>;
}

/**
 * Opens a private repository for the time of one call of git. What has to lie in a file lies in a folder of its own below
 * `folder`. Throws ProviderError: `bad settings` when a key or token
 * is not there, `denied` or `unreachable` when the forge gives no token.
 */
export type OpenAccess = (
  access: RepositoryAccess,
  repository: string,
  folder: string,
) => Promise<OpenedAccess>;
