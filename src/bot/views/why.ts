import { moreWanted, needsOneOf, oneOfNow } from '../../pipeline/domain/consent.ts';
import type { Deployment, Wait } from '../../pipeline/domain/deployment.ts';
import type { Lock } from '../../pipeline/domain/lock.ts';
import type { ServicePolicy } from '../../pipeline/domain/policy.ts';
import type { Slot } from '../../pipeline/domain/slot.ts';
import type { At } from '../../pipeline/domain/time.ts';
import type { DeploymentView, ReleaseView, ServiceView, TaskView } from '../../pipeline/views.ts';
import { drawn, header, section, sentence } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { whyKept } from './failure.ts';
import { code, elapsed, escaped, oneLine, people, person, plural, when } from './format.ts';
import { freezeWords, lockWords, stuck, whoUnlocks } from './held.ts';
import { whoApproves, whoMay } from './who-may.ts';
import { deploymentWords, releaseWords } from './words.ts';

/** One wait in words: what for, who can move it, what happens when its time is over. */
interface Told {
  waitsFor: string;
  since: At | undefined;
  who: string;
  until?: At | undefined;
  end: string;
}

/** Everything under way of a service: what each of it waits for. */
export function why(view: ServiceView, releases: ReleaseView[], deployments: DeploymentView[]): Drawn {
  const service = oneLine(view.policy.service, 60);
  const still = stuck(view);
  if (releases.length + deployments.length + still.length === 0) {
    return sentence(`Nothing of ${service} is under way, so it waits for nothing. ${liveLine(view)}`);
  }
  const told = [
    ...releases.map((one) => ({
      name: `v${one.release.version}: ${releaseWords(one.release).words}`,
      told: releaseWait(one),
    })),
    ...deployments.map((one) => ({
      name: `v${one.deployment.version}: ${deploymentWords(one.deployment, one.slots[one.deployment.environment]).words}`,
      told: deploymentWait(one),
    })),
    ...still.map(({ name, ...one }) => ({ name, told: { ...one, since: one.since } })),
  ];
  return drawn(
    `${escaped(view.policy.service)}: ${told.map(({ name, told: { waitsFor } }) => `${escaped(name)}, waits for ${waitsFor.replaceAll('*', '')}`).join('; ')}.`,
    [
      header(`Why ${view.policy.service} is not further`),
      ...told.map(({ name, told: one }) => section(`*${oneLine(name, 160)}*\n${lines(one, view.now)}`)),
    ],
  );
}

const lines = ({ waitsFor, since, who, until, end }: Told, now: At): string =>
  [
    `Waits for: ${waitsFor}${since === undefined ? '' : `, for ${elapsed(now - since)} (since ${when(since)})`}.`,
    `Who can move it: ${who}.`,
    until === undefined ? `Then: ${end}` : `At ${when(until)}: ${end}`,
  ].join('\n');

function releaseWait({ release, tasks, policy, expected }: ReleaseView): Told {
  const since = release.stages[release.stage].beganAt ?? release.requestedAt;
  const who = `nobody has to; these may cancel it: ${people(whoMay('bake', policy))}`;
  if (release.state !== 'running') {
    return {
      waitsFor: 'what it began to report, and for what it made to be removed',
      since: undefined,
      who: 'nobody has to: it goes on by itself',
      end: 'it ends; nothing that is live was touched.',
    };
  }
  const task = tasks.find(({ stage }) => stage === release.stage);
  return {
    waitsFor: workWords(release.stage, task, expected[release.stage]),
    since,
    who,
    until: task?.deadline,
    end: `*${release.stage}* fails, what it made is removed, and nothing that is live was touched.`,
  };
}

function workWords(stage: string, task: TaskView | undefined, usual: number | undefined): string {
  const usually = usual === undefined ? '' : `, which usually takes ${elapsed(usual)}`;
  if (task === undefined) return `*${oneLine(stage, 40)}* to begin`;
  const doing = task.note === undefined ? '' : ` (now ${code(task.note)})`;
  const again = task.tries > 0 ? `, attempt ${task.tries + 1}` : '';
  return `*${oneLine(stage, 40)}*${usually}${doing}${again}`;
}

function deploymentWait(view: DeploymentView): Told {
  const { deployment, policy, tasks, expected } = view;
  const where = oneLine(deployment.environment, 40);
  if (deployment.state !== 'running') {
    return {
      waitsFor: 'what it began to report, and for things to be put back as they were',
      since: undefined,
      who: 'nobody has to: it goes on by itself',
      end: `it ends; what is live in ${where} stays.`,
    };
  }
  const { wait } = deployment;
  const slot = view.slots[deployment.environment];
  if (wait !== undefined) {
    const told = waits[wait.for](deployment, wait, policy, slot, view);
    return wait.for === 'approval' && slot?.lock !== undefined ? alsoLocked(told, slot.lock, view) : told;
  }
  const task = tasks.find(({ stage }) => stage === deployment.stage);
  return {
    waitsFor: workWords(deployment.stage, task, expected[`${deployment.environment}/${deployment.stage}`]),
    since: deployment.stages[deployment.stage]?.beganAt,
    who: `nobody has to; \`/rollback ${oneLine(policy.service, 60)}\` stops it: ${people(whoMay('rollback', policy, deployment.environment))}`,
    until: task?.deadline,
    end: failsTo(deployment, where),
  };
}

function failsTo({ stage, wentLive, retiringSince }: Deployment, where: string): string {
  if (stage === 'retire')
    return retiringSince === undefined
      ? 'the old one is kept beside the new one, and it is tried again later.'
      : '*retire* fails; the new one serves on.';
  return wentLive
    ? `*${stage}* fails and traffic goes back to what was live before.`
    : `*${stage}* fails, and what is live in ${where} stays.`;
}

/** A yes is refused while a lock holds: who ends it comes before who says it. */
const alsoLocked = (told: Told, lock: Lock, { deployment, policy, texts }: DeploymentView): Told => ({
  ...told,
  waitsFor: `the end of a lock ${lockWords(lock, texts)}; then for ${told.waitsFor}`,
  who: `${whoUnlocks(deployment.service, deployment.environment, policy)}; then ${told.who}`,
});

/** Every wait that a deployment can be in. */
const waits: Record<
  Wait['for'],
  (
    deployment: Deployment,
    wait: Wait,
    policy: ServicePolicy,
    slot: Slot | undefined,
    view: DeploymentView,
  ) => Told
> = {
  approval(deployment, { since, until }, _policy, _slot, view) {
    const { plan, environment, askedAgainAt } = deployment;
    const isAskedAgain = plan.atDeadline === 'ask again' && askedAgainAt === undefined;
    const more = moreWanted(deployment);
    const yeses = more > 0 ? plural(more, 'more yes', 'more yeses') : 'a yes';
    const whose = needsOneOf(deployment) ? `, one of them from ${people(oneOfNow(deployment))}` : '';
    const own = plan.selfApproval ? '' : ', but not whoever asked for it, wrote it or pushed it';
    return {
      waitsFor: `${yeses} for *${oneLine(environment, 40)}*${whose}`,
      since,
      who: `${whoApproves(deployment, view)}${own}`,
      until,
      end: isAskedAgain
        ? 'it is asked for once more, and expires if nobody decides then either.'
        : 'it expires. Nothing changes, and it can be asked for again.',
    };
  },
  freeze({ environment, service }, { since, until }, policy, _slot, { frozen, texts }) {
    const freeze = frozen?.[environment];
    const by = freeze === undefined ? '' : `, ${freezeWords(freeze, texts)}`;
    return {
      waitsFor: `the end of a freeze in *${oneLine(environment, 40)}*${by}`,
      since,
      who: `\`/bake unfreeze ${oneLine(service, 60)}\` when a person ordered it: ${people(whoMay('lock', policy, environment))}; \`/bake override\` with a reason: ${people(whoMay('override', policy, environment))}`,
      until,
      end: 'it is asked about anew.',
    };
  },
  lock({ environment, service }, { since, until }, policy, slot) {
    const holder = slot?.lock === undefined ? '' : ` by ${person(slot.lock.by)}`;
    return {
      waitsFor: `the end of a lock${holder} in *${oneLine(environment, 40)}*`,
      since,
      who: whoUnlocks(service, environment, policy),
      until,
      end: 'the lock ends and this goes on.',
    };
  },
  turn({ environment }, { since, until }, policy) {
    return {
      waitsFor: `the older one that waits in *${oneLine(environment, 40)}*`,
      since,
      who: `whoever decides that one: ${people(whoMay('approve', policy, environment))}`,
      until,
      end: 'it is looked at again.',
    };
  },
  group({ version, environment }, { since, until }, policy, _slot, { release }) {
    const { group = 'its group', number = 0 } =
      release.goesWith?.over === true ? {} : (release.goesWith ?? {});
    const name = `${oneLine(group, 60)} v${number}`;
    return {
      waitsFor: `${name}, with which v${version} goes to *${oneLine(environment, 40)}*: for the others to be ready, for the one yes to all of them, and for its turn`,
      since,
      who: `whoever approves ${name} (\`/bake approve ${oneLine(group, 60)}\`); its part is theirs: ${people(whoMay('approve', policy, environment))}`,
      until,
      end: 'it expires, and the others with it. Nothing changes, and they can be asked for again.',
    };
  },
  slot({ environment, service }, { since, until }, policy, slot) {
    const holder = slot?.lease?.deployment;
    const before =
      holder === undefined ? 'the release before it to be retired' : `${oneLine(holder, 80)} to end`;
    return {
      waitsFor: `its turn in *${oneLine(environment, 40)}*: for ${before}`,
      since,
      who: `whoever may retire or roll back there (\`/bake retire ${oneLine(service, 60)}\`): ${people(whoMay('retire', policy, environment))}`,
      until,
      end: 'it expires. Nothing changes, and it can be asked for again.',
    };
  },
  'next step': ({ version, environment }, { since, until }, policy) => ({
    waitsFor: 'the pause between two shares of traffic to pass',
    since,
    who: `nobody has to; a rollback stops it: ${people(whoMay('rollback', policy, environment))}`,
    until,
    end: `the next share of traffic moves to v${version}.`,
  }),
  soak: ({ version, old, environment }, { since, until }, policy) => ({
    waitsFor: `the time to pass in which v${version} is watched`,
    since,
    who: `nobody has to; a rollback ends it: ${people(whoMay('rollback', policy, environment))}`,
    until,
    end: `it counts as good. If it fails before, traffic goes back${old === undefined ? '' : ` to v${old.version}`} by itself.`,
  }),
  retire: ({ old, environment, retireFailed }, { since, until }, policy, _slot, { texts }) => ({
    waitsFor: `somebody to press *Retire old*${old === undefined ? '' : ` (v${old.version} still runs beside it)`}${retireFailed === undefined ? '' : `; when that was tried, ${whyKept(retireFailed, texts).replace(/\.$/, '')}`}`,
    since,
    who: people(whoMay('retire', policy, environment)),
    until,
    end: 'the old one is retired by itself. Going back to it takes a new start from then on.',
  }),
};

function liveLine(view: ServiceView): string {
  const live = view.policy.environments.flatMap(({ name }) => {
    const serving = view.slots[name]?.live;
    return serving === undefined ? [] : [`v${serving.version} in ${oneLine(name, 40)}`];
  });
  return live.length === 0 ? 'Nothing of it is live.' : `Live: ${live.join(', ')}.`;
}
