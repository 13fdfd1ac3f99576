import { needsOneOf, oneOfNow, wanted } from '../../pipeline/domain/consent.ts';
import type { Deployment } from '../../pipeline/domain/deployment.ts';
import { tooOldForDatabase } from '../../pipeline/domain/migration.ts';
import type { ServicePolicy } from '../../pipeline/domain/policy.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import { isStuck } from '../../pipeline/domain/relief.ts';
import type { DeploymentView, SlotView } from '../../pipeline/views.ts';
import { waitsForApproval } from './buttons.ts';
import { whyKept } from './failure.ts';
import { inWords, oneLine, people, person, plural, when } from './format.ts';
import { goBackTo } from './go-back-button.ts';
import { freezeWords, lockWords, whoUnlocks } from './held.ts';
import { whoApproves, whoMay } from './who-may.ts';

/** The one next step of a release and who may take it; undefined when there is none. */
export function releaseNext(release: Release, policy: ServicePolicy): string | undefined {
  switch (release.state) {
    case 'running':
      return 'Nothing to press: it goes on by itself.';
    case 'stopping':
    case 'undoing':
      return 'Nothing to press: Bakery is removing what it had made. Nothing that is live was touched.';
    case 'failed':
      return `Push a fix, or press *Retry from here* if it was not the code. Nothing that is live was touched. Who may: ${people(whoMay('bake', policy))}.`;
    case 'cancelled':
      return `Nothing that is live was touched. \`/bake ${oneLine(release.service, 60)}\` starts a new release.`;
    case 'superseded':
    case 'production ready':
      return undefined;
  }
}

type Surroundings = Pick<DeploymentView, 'policy' | 'slots' | 'texts' | 'release' | 'wroteIt' | 'frozen'>;

/** The one next step of a deployment and who may take it; undefined when there is none. */
export function deploymentNext(deployment: Deployment, view: Surroundings): string | undefined {
  const { policy } = view;
  const slot = view.slots[deployment.environment];
  const where = oneLine(deployment.environment, 40);
  switch (deployment.state) {
    case 'running':
      return runningNext(deployment, view, where);
    case 'stopping':
    case 'undoing':
      return isStuck(deployment)
        ? servesOn(deployment, slot, where)
        : 'Nothing to press: Bakery is putting things back as they were.';
    case 'failed':
      return `Press *Retry from here*, or push a fix. ${leftAsItWas(deployment, where)} Who may: ${people(whoMay(deployment.kind === 'rollback' ? 'rollback' : 'bake', policy, deployment.environment))}.`;
    case 'went back':
      return `Push a fix. ${leftAsItWas(deployment, where)}`;
    case 'expired':
      return `\`/bake deploy ${oneLine(deployment.service, 60)} v${deployment.version} ${where}\` asks again.`;
    case 'finished':
      return goingBack(deployment, slot, where);
    default:
      return undefined;
  }
}

/** Failed, and still what serves: what was live before it does not. */
function servesOn(deployment: Deployment, slot: SlotView | undefined, where: string): string {
  const before = `v${deployment.old?.version}`;
  const press = goBackTo(deployment, slot) === undefined ? '' : ` *Roll back* starts ${before} anew at once.`;
  return `${before} does not take the traffic of ${where} back, so v${deployment.version} serves on until something else does. Bakery tries again by itself.${press}`;
}

/** What the Roll back button of a finished deployment would do, while it is there. */
function goingBack(deployment: Deployment, slot: SlotView | undefined, where: string): string | undefined {
  const to = goBackTo(deployment, slot);
  if (to === undefined) return noWayBack(deployment, slot);
  return to.warm
    ? `Nothing to press. *Roll back* would move the traffic of ${where} to v${to.version}, which still runs: seconds.`
    : `Nothing to press. *Roll back* would start v${to.version} from its own image in ${where} and move the traffic once it is healthy: no build, no bake.`;
}

/** Said where the button is missed: what it would go back to is not launched any more. */
function noWayBack({ id, old, environment }: Deployment, slot: SlotView | undefined): string | undefined {
  if (old === undefined || slot?.live?.deployment !== id) return undefined;
  const tooOld = tooOldForDatabase(slot.floor, old.version, oneLine(environment, 40));
  if (tooOld !== undefined)
    return `Nothing to press. There is no going back to v${old.version}: ${tooOld} Push a fix if this one fails.`;
  if (!slot.unlaunchable?.includes(old.version)) return undefined;
  return `Nothing to press. There is no going back to v${old.version}: it was revoked, or its image is not kept any more. Push a fix if this one fails.`;
}

/** Of what is over the card says what was so then: what is live now changes without it. */
const leftAsItWas = ({ old, state }: Deployment, where: string): string => {
  if (old === undefined) return `What was live in ${where} was not touched.`;
  return state === 'went back'
    ? `v${old.version} got its traffic back.`
    : `v${old.version} stayed live in ${where}.`;
};

function runningNext(deployment: Deployment, view: Surroundings, where: string): string {
  const { policy, texts } = view;
  const slot = view.slots[deployment.environment];
  const until = deployment.wait === undefined ? '' : when(deployment.wait.until);
  const old = deployment.old ?? slot?.live;
  if (waitsForApproval(deployment) && slot?.lock !== undefined) {
    return `🔒 *${where}* is locked ${lockWords(slot.lock, texts)}. *Approve* is refused until the lock ends; *Reject* is not. Who can end it: ${whoUnlocks(deployment.service, deployment.environment, policy)}. Open until ${until}.`;
  }
  if (waitsForApproval(deployment)) {
    return `*Approve* or *Reject* it for *${where}*. ${approvalsNeeded(deployment)}Who may: ${whoApproves(deployment, view)}. Open until ${until}.`;
  }
  switch (deployment.wait?.for) {
    case 'slot':
      return `Nothing to press: another deployment is at work in ${where}; this one follows.`;
    case 'soak':
      return `Nothing to press: v${deployment.version} is watched until ${until}.${
        old === undefined || old.version === deployment.version
          ? ''
          : ` If it fails, traffic goes back to v${old.version} by itself.`
      }`;
    case 'freeze':
      return `Nothing to press: ${where} is frozen ${frozenBy(deployment, view) ?? `until ${until}`}; then it is asked about. \`/bake override\` puts that aside with a reason.`;
    case 'lock':
      return `Nothing to press: ${where} is locked until ${until}; then it goes on.`;
    case 'turn':
      return 'Nothing to press: it is asked about when what waits before it is decided.';
    case 'group':
      return 'Nothing to press here: it goes together with others, and the card of its group asks for all of them at once.';
    case 'retire':
      return old === undefined ? 'Nothing to press.' : retireNext(deployment, old.version, view, until);
    case 'next step':
      return `Nothing to press: the next share of traffic moves at ${until}.`;
    default:
      return 'Nothing to press: it goes on by itself.';
  }
}

function retireNext(
  { environment, retireFailed }: Deployment,
  old: number,
  { policy, texts }: Surroundings,
  until: string,
): string {
  const who = `Who may: ${people(whoMay('retire', policy, environment))}.`;
  return retireFailed === undefined
    ? `Press *Retire old* when you are sure: v${old} still runs, so going back takes seconds. It stops by itself ${until}. ${who}`
    : `v${old} still runs: ${whyKept(retireFailed, texts)} Press *Retire old* to try it again; it is tried again by itself ${until}. ${who}`;
}

function frozenBy({ environment }: Deployment, { frozen, texts }: Surroundings): string | undefined {
  const freeze = frozen?.[environment];
  return freeze === undefined ? undefined : freezeWords(freeze, texts);
}

function approvalsNeeded(deployment: Deployment): string {
  const approvals = wanted(deployment);
  const has = deployment.approvals.length;
  const one = needsOneOf(deployment) ? ` One of ${people(oneOfNow(deployment))} has to be among them.` : '';
  const own = `${deployment.plan.selfApproval ? '' : ' Whoever asked for it, wrote it or pushed it does not count.'}${one}`;
  if (approvals <= 1) return own === '' ? '' : `${own.trim()} `;
  const by = has === 0 ? '' : ` (by ${inWords(deployment.approvals.map((one) => person(one.by)))})`;
  return `${has} of ${plural(approvals, 'approval')}${by}.${own} `;
}
