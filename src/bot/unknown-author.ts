import type { Deployment } from '../pipeline/domain/deployment.ts';
import type { Mailbox } from '../pipeline/domain/verified.ts';
import type { DecisionFacts, DeploymentView, ReleaseView, Warning } from '../pipeline/pipeline.ts';
import type { Membership } from './membership.ts';

type AskMailbox = Membership['mailbox'];

/**
 * What an approver sees, with a warning where nobody in Slack has the address of the commit's author: then one more has
 * to agree than the service asks for. Slack is only asked where that makes a difference.
 */
export async function releaseWithAuthor(view: ReleaseView, ask: AskMailbox): Promise<ReleaseView> {
  const waiting = view.deployments.filter((one) => view.decisions?.[one.id] !== undefined && matters(one));
  const warning = waiting.length === 0 ? undefined : await warningOf(view, ask);
  if (warning === undefined) return view;
  const decisions = { ...view.decisions };
  for (const { id } of waiting) decisions[id] = warned(decisions[id], warning);
  return { ...view, decisions };
}

/** The same for a deployment's own card. */
export async function deploymentWithAuthor(view: DeploymentView, ask: AskMailbox): Promise<DeploymentView> {
  if (view.decision === undefined || !matters(view.deployment)) return view;
  const warning = await warningOf(view, ask);
  return warning === undefined ? view : { ...view, decision: warned(view.decision, warning) };
}

const matters = ({ plan }: Deployment): boolean => !plan.selfApproval && plan.approvals < 2;

async function warningOf(
  { release, texts }: Pick<ReleaseView, 'release' | 'texts'>,
  ask: AskMailbox,
): Promise<Warning | undefined> {
  const address = texts[release.commit.email] ?? '';
  const mailbox: Mailbox = address.includes('@') ? await ask(address) : { is: 'nobody' };
  return mailbox.is === 'person' ? undefined : { is: 'author unknown', asked: mailbox.is === 'nobody' };
}

const warned = (facts: DecisionFacts | undefined, warning: Warning): DecisionFacts => ({
  ...facts,
  warnings: [...(facts?.warnings ?? []), warning],
});
