import type { Removed } from '../domain/marked.ts';
import type { TaskInputs } from '../domain/task.ts';
import type { Marked } from '../provider.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';

type Input = TaskInputs['reap'];

/**
 * Removes what belongs to nothing: looked up anew by its mark, taken out of every balancer, and ended. When one of it
 * has traffic, somebody relies on it whatever the ledger says: then nothing at all is removed.
 */
export const reap: Task<'reap'> = {
  kind: 'reap',
  async run(input, tools, call) {
    const { provider: name } = input;
    const provider = tools.provider(name);
    const isMeant = ({ what, mark }: Marked): boolean =>
      what !== 'image' &&
      input.made.some(({ effect, generation }) => mark.effect === effect && mark.generation === generation);
    const found = (await provider.list(input.owner, call)).filter(isMeant);
    const inUse = await withTraffic(input, found, tools, call);
    if (inUse.length > 0) return { is: 'done', result: { provider: name, removed: [], inUse } };
    await takeOut(input, found, tools, call);
    let again = 0;
    // Who stands in front of an instance is listed behind it, and goes first.
    for (const { id } of found.toReversed()) {
      const reply = await provider.terminate(id, input.grace, call);
      if (reply.ready) call.log(`${id} belonged to nothing and is gone`);
      else again = again === 0 ? reply.again : Math.min(again, reply.again);
    }
    const removed = [...removedBefore(call.known), ...found.map(removedOf)].filter(isFirst);
    if (again > 0) return { is: 'not yet', again, known: { removed }, note: `${found.length} to end` };
    return { is: 'done', result: { provider: name, removed, inUse: [] } };
  },
};

async function withTraffic(
  { slots }: Input,
  found: Marked[],
  tools: TaskTools,
  call: TaskCall,
): Promise<string[]> {
  const ids = new Set(found.map(({ id }) => id));
  const inUse = found.filter(({ serving }) => serving).map(({ id }) => id);
  for (const { balancer, frontend } of slots) {
    const { members } = await tools.balancer(balancer).members(frontend, call);
    const used = members.filter(
      (member) => ids.has(member.instance) && (member.weight > 0 || member.inFlight > 0),
    );
    inUse.push(...used.map((member) => member.instance));
  }
  return inUse;
}

/** Under the slot's own epoch: whoever holds the slot is not disturbed, and a member without weight misses nothing. */
async function takeOut({ slots }: Input, found: Marked[], tools: TaskTools, call: TaskCall): Promise<void> {
  const ids = new Set(found.map(({ id }) => id));
  for (const { balancer: name, frontend } of slots) {
    const balancer = tools.balancer(name);
    const { members, epoch } = await balancer.members(frontend, call);
    for (const { instance } of members.filter((member) => ids.has(member.instance)))
      await balancer.detach(frontend, instance, epoch, call);
  }
}

const removedOf = ({ what, id, mark: { version, environment } }: Marked): Removed => ({
  what,
  id,
  version,
  environment,
});

const isFirst = (one: Removed, index: number, all: Removed[]): boolean =>
  all.findIndex(({ id }) => id === one.id) === index;

/** What earlier attempts began to end. Only told from it: without the hint, what is gone already is not named. */
function removedBefore(known: unknown): Removed[] {
  if (typeof known !== 'object' || known === null || !('removed' in known)) return [];
  // Written by the attempt before.
  return Array.isArray(known.removed) ? (known.removed as Removed[]) : [];
}
