import type { Forge } from '../pipeline/repositories.ts';
import { githubChecks } from './github.ts';
import { gitlabChecks } from './gitlab.ts';

/** Asks forges how a commit's checks stand. The token is read each time, so that a new one counts at once. */
export const openForge = (secret: (reference: string) => Promise<string>): Forge => ({
  async checks({ forge, api, project, token }, sha) {
    const ask = forge === 'github' ? githubChecks : gitlabChecks;
    return ask(api.replace(/\/+$/, ''), project, sha, token === undefined ? undefined : await secret(token));
  },
});
