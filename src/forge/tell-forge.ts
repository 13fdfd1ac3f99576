import type { OutwardDesk, ReleaseView, Telling } from '../pipeline/outward.ts';
import type { CommitLog } from '../pipeline/repositories.ts';
import { deploymentOf, liveComment, statusOf } from './feedback.ts';
import { githubFeedback } from './github-feedback.ts';
import { gitlabFeedback } from './gitlab-feedback.ts';

interface Parts {
  desk: Pick<OutwardDesk, 'knows'>;
  secret(reference: string): Promise<string>;
  commits: CommitLog;
}

/** Commits of one deployment whose merge requests are looked for: more at once are a migration, not a release. */
const mostCommits = 50;

/** Tells a forge one thing. Throws ProviderError when it does not take it. */
export type TellForge = (telling: Telling, view: ReleaseView, link: string | undefined) => Promise<void>;

/** Tells forges how stages and deployments stand. The token is read each time, so that a new one counts at once. */
export const tellForge =
  ({ desk, secret, commits }: Parts): TellForge =>
  async ({ key, content, known }, view, link) => {
    const { feedback } = view.policy;
    if (feedback === undefined) return;
    const { project } = feedback;
    const place = { project, api: feedback.api.replace(/\/+$/, ''), token: await secret(feedback.token) };
    const forge = feedback.forge === 'github' ? githubFeedback(place) : gitlabFeedback(place);
    if (content.kind === 'notification') return;
    if (content.kind === 'stage') return forge.status(statusOf(view.release, content.stage, link));
    if (content.kind === 'deployment') {
      const deployment = deploymentOf(view, link);
      if (deployment === undefined) return;
      return forge.deployment(deployment, known, (name) => desk.knows(key, name));
    }
    const comment = liveComment(view, link);
    if (comment !== undefined) await forge.comment(await shasOf(view, commits), comment);
  };

/** The commits that went live: all since what was live before, as far as the repository tells. */
async function shasOf({ policy, release, before }: ReleaseView, commits: CommitLog): Promise<string[]> {
  const { sha } = release.commit;
  if (before === undefined || before.commit.sha === sha) return [sha];
  const { repository, folder, service } = policy;
  const order = { repository, folder, service, from: before.commit.sha, to: sha, most: mostCommits };
  const { lines } = await commits.between(order);
  return [...new Set([sha, ...lines.map((line) => line.sha)])];
}
