import type { Actor } from '../pipeline/domain/actor.ts';
import { type Answer, type PipelineCommand, refuse } from '../pipeline/domain/command.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { isGroup } from '../pipeline/domain/rights.ts';
import type { Verified } from '../pipeline/domain/verified.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Asked, Bot } from './asked.ts';
import { type Authors, authorsOf } from './authors.ts';

/**
 * The same bot for one request: before anything is asked of the pipeline the person is looked up, and it carries what was
 * verified of him at this moment. So no command can forget it, and none can bring facts of its own. `decided` tells whether the pipeline
 * was asked to decide anything, and so has left a trace.
 */
export function asVerified(bot: Bot, asked: Asked): { bot: Bot; decided(): boolean } {
  const { pipeline } = bot;
  let decided = false;
  /** Who he is is asked first: a guest, or somebody who left, has no facts that could count. */
  const acting = async <Order extends Command>(
    order: Order,
    act: (order: Order & { verified: Verified }) => Promise<Answer>,
  ): Promise<Answer> => {
    decided = true;
    const problem = asked.by.kind === 'person' ? await bot.people.problemNow(asked.by) : undefined;
    if (problem !== undefined) {
      const what = { ...about(bot, asked, order.service), ...('do' in order ? { do: order.do } : {}) };
      return pipeline.traced(what, refuse('not allowed', problem));
    }
    const found = isApprovalOfGroup(order) ? { found: await authorsForGroup(bot, order) } : {};
    return act({ ...order, verified: await factsFor(bot, asked, order), ...found });
  };
  const verified: Pipeline = {
    ...pipeline,
    handle: (command) => acting(command, pipeline.handle),
    requestRelease: (order) => acting(order, pipeline.requestRelease),
  };
  return { bot: { ...bot, pipeline: verified }, decided: () => decided };
}

/** Where it was asked, as far as the signed request tells. */
export const placeOf = ({ channel, card, breakGlass }: Asked): Verified => ({
  ...(channel === '' ? {} : { channel }),
  ...(card === undefined ? {} : { card: card.ts }),
  ...(breakGlass === undefined ? {} : { breakGlass }),
});

/** What a trace is about, where nothing was decided. A name from outside that is no service's names none. */
export function about(bot: Bot, asked: Asked, service: string | undefined) {
  const known = service !== undefined && policiesOf(bot, service).length > 0;
  return { service: known ? service : 'all', by: asked.by, verified: placeOf(asked) };
}

type Command = Pick<PipelineCommand, 'service'> & Partial<Pick<PipelineCommand, 'do'>>;

async function factsFor(bot: Bot, asked: Asked, command: Command): Promise<Verified> {
  const place = placeOf(asked);
  if (asked.by.kind !== 'person') return place;
  const [membership, people] = await Promise.all([
    groupsOf(bot, asked.by, policiesOf(bot, command.service)),
    isApproval(command) ? authorsFor(bot, command.deployment) : undefined,
  ]);
  return { ...place, ...(membership === undefined ? {} : { groups: membership }), ...people };
}

/** The policy of a service, or those of all services of a group. */
function policiesOf({ pipeline: { query } }: Bot, name: string): ServicePolicy[] {
  const services = query.groups().find(({ group }) => group === name)?.services ?? [name];
  return services.flatMap((service) => query.policy(service) ?? []);
}

/** Those of the user groups that the rules of these services name in which somebody is; undefined when they name none. */
export async function groupsOf(
  { membership, admins }: Pick<Bot, 'membership' | 'admins'>,
  by: Actor,
  policies: readonly ServicePolicy[],
): Promise<Verified['groups']> {
  if (by.kind !== 'person') return undefined;
  const named = [...new Set([...policies.flatMap(groupsNamed), ...admins().filter(isGroup)])];
  return named.length === 0 ? undefined : membership.groupsOf(by, named);
}

/** All user groups that a service's policy names anywhere. */
function groupsNamed(policy: ServicePolicy): string[] {
  const roles = [policy.people, ...Object.values(policy.peopleIn ?? {})];
  const lists = [
    ...roles.flatMap((one) => Object.values(one)),
    ...policy.environments.map(({ oneOf = [] }) => oneOf),
  ];
  return lists.flat().filter(isGroup);
}

type Approval = PipelineCommand & { do: 'approve' };
const isApproval = (command: object): command is Approval => 'do' in command && command.do === 'approve';

async function authorsFor(bot: Bot, deployment: string): Promise<Partial<Authors>> {
  const view = await bot.pipeline.query.deployment(deployment);
  return view === undefined ? {} : authorsOf(view, bot.membership.mailbox);
}

type ApprovalOfGroup = PipelineCommand & { do: 'approve group' };
const isApprovalOfGroup = (command: object): command is ApprovalOfGroup =>
  'do' in command && command.do === 'approve group';

/** By service: who wrote and pushed what waits of it. */
async function authorsForGroup(
  bot: Bot,
  { service, version, environment }: ApprovalOfGroup,
): Promise<Record<string, Verified>> {
  const view = await bot.pipeline.query.group(service, version);
  const found = (view?.members ?? []).map(async ({ service: member, deployments }) => {
    const id = deployments[environment]?.id;
    return [member, id === undefined ? {} : await authorsFor(bot, id)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}
