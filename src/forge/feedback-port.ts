import type { DeploymentFeedback, StatusFeedback } from './feedback.ts';

/** A forge as it is told things. All calls look first and act second, so that each may be made twice. */
export interface FeedbackForge {
  status(status: StatusFeedback): Promise<void>;
  /**
   * Makes the deployment, or finds it, and tells how it stands. `known` is what the forge called it; `made` is told of
   * that name before anything else is done with it.
   */
  deployment(
    deployment: DeploymentFeedback,
    known: string | undefined,
    made: (known: string) => Promise<void>,
  ): Promise<void>;
  /** Comments on the merged requests that brought these commits, each once. */
  comment(shas: readonly string[], comment: { body: string; mark: string }): Promise<void>;
}

/** Where a forge's project is, with the token's value. */
export interface ForgePlace {
  api: string;
  project: string;
  token: string;
}
