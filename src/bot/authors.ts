import type { Deployment } from '../pipeline/domain/deployment.ts';
import { waitsWithGroup } from '../pipeline/domain/gate.ts';
import type { Release } from '../pipeline/domain/release.ts';
import type { Mailbox } from '../pipeline/domain/verified.ts';
import type {
  DecisionFacts,
  DeploymentView,
  GroupView,
  NoteView,
  ReleaseView,
  ServiceView,
  Warning,
} from '../pipeline/views.ts';
import type { Membership } from './membership.ts';
import { waitsForApproval } from './views/buttons.ts';

type AskMailbox = Membership['mailbox'];

/** Who in Slack has the addresses of a commit's author and of who pushed it. */
export interface Authors {
  author: Mailbox;
  pusher?: Mailbox;
}

interface Written {
  release: Pick<Release, 'commit'>;
  texts: Record<string, string>;
}

export async function authorsOf({ release, texts }: Written, ask: AskMailbox): Promise<Authors> {
  const { email, pushedBy } = release.commit;
  const [author, pusher] = await Promise.all(
    [email, pushedBy].map((ref) => {
      const address = ref === undefined ? undefined : texts[ref];
      return address === undefined || !address.includes('@') ? undefined : ask(address);
    }),
  );
  return { author: author ?? { is: 'nobody' }, ...(pusher === undefined ? {} : { pusher }) };
}

/**
 * What an approver sees: nobody who wrote or pushed the commit is asked for a yes that would not count, with a warning
 * where nobody in Slack has the address of its author: then one more has to agree than the service asks for.
 */
export async function releaseWithAuthor(view: ReleaseView, ask: AskMailbox): Promise<ReleaseView> {
  const waiting = view.deployments.filter(matters);
  if (waiting.length === 0) return view;
  const authors = await authorsOf(view, ask);
  const decisions = { ...view.decisions };
  for (const one of waiting) {
    const facts = decisions[one.id];
    if (facts !== undefined) decisions[one.id] = warned(facts, one, authors);
  }
  return { ...view, decisions, wroteIt: keysOf(authors) };
}

/** The same for a deployment's own card. */
export async function deploymentWithAuthor(view: DeploymentView, ask: AskMailbox): Promise<DeploymentView> {
  const { deployment, decision } = view;
  if (!matters(deployment)) return view;
  const authors = await authorsOf(view, ask);
  const facts = decision === undefined ? {} : { decision: warned(decision, deployment, authors) };
  return { ...view, ...facts, wroteIt: keysOf(authors) };
}

/** The same for a note that calls on people. */
export async function noteWithAuthor(view: NoteView, ask: AskMailbox): Promise<NoteView> {
  const { deployment, release, texts } = view;
  if (deployment === undefined || release === undefined || !matters(deployment)) return view;
  return { ...view, wroteIt: keysOf(await authorsOf({ release, texts }, ask)) };
}

/** The same for all of a service that waits, by version. */
export async function serviceWithAuthors(view: ServiceView, ask: AskMailbox): Promise<ServiceView> {
  const { open, askedBy = {}, texts } = view;
  const wroteIt: Record<number, string[]> = {};
  for (const { version } of open.deployments.filter(matters)) {
    const commit = askedBy[version]?.commit;
    if (commit !== undefined && wroteIt[version] === undefined)
      wroteIt[version] = keysOf(await authorsOf({ release: { commit }, texts }, ask));
  }
  return { ...view, wroteIt };
}

/** The same for the services of a group that wait for a word together. */
export async function groupWithAuthors(view: GroupView, ask: AskMailbox): Promise<GroupView> {
  const members = view.members.map(async (member) => {
    const { release, deployments } = member;
    const asks = Object.values(deployments).some((one) => !one.plan.selfApproval && waitsWithGroup(one));
    if (release === undefined || !asks) return member;
    return { ...member, wroteIt: keysOf(await authorsOf({ release, texts: view.texts }, ask)) };
  });
  return { ...view, members: await Promise.all(members) };
}

const matters = (deployment: Deployment): boolean =>
  waitsForApproval(deployment) && !deployment.plan.selfApproval;

const keysOf = ({ author, pusher }: Authors): string[] =>
  [author, pusher].flatMap((mailbox) => (mailbox?.is === 'person' ? [mailbox.key] : []));

function warned(facts: DecisionFacts, { plan }: Deployment, { author }: Authors): DecisionFacts {
  if (author.is === 'person' || plan.approvals >= 2) return facts;
  const warning: Warning = { is: 'author unknown', asked: author.is === 'nobody' };
  return { ...facts, warnings: [...facts.warnings, warning] };
}
