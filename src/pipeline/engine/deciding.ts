import { decide, type ForOneService } from '../decide/decide.ts';
import type { Decision } from '../decide/draft.ts';
import type { FilesSeen } from '../decide/files.ts';
import type { ForGroup } from '../decide/groups/decide.ts';
import { type Actor, theClock } from '../domain/actor.ts';
import { openCalendar } from '../domain/calendar.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../domain/command.ts';
import type { Facts } from '../domain/facts.ts';
import type { Inventory } from '../domain/marked.ts';
import type { TaskId } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import { placeOf } from '../domain/workspace.ts';
import type { Named } from '../ledger.ts';
import { loadClean, withoutSecrets } from './clean.ts';
import { decideForAll, isForInstallation } from './deciding-for-all.ts';
import { decideForGroup, isForGroup, unknownGroup } from './deciding-groups.ts';
import { recordFiles } from './files.ts';
import type { EngineParts } from './parts.ts';
import { type Asked, leaveTrace, trailOf, withTexts } from './trail.ts';

/** A decision on facts, and what of the queue ends with it. */
export interface Request {
  service: string;
  named: Named;
  by: Actor;
  ends?: TaskId & { attempt: number; as: 'done' | 'failed' | 'cancelled' };
  /** What a person or a machine asked: it leaves a trace, whatever comes of it. */
  command?: PipelineCommand;
  decide(facts: Facts, now: At): Decision | Refusal;
}

/** More than enough: decisions about one service come one after the other in this process. */
export const mostTries = 10;

/** Loads, decides and commits; again when the facts had moved meanwhile. One at a time for each service. */
export class Deciding {
  readonly #parts: EngineParts;
  readonly #committed: () => void;
  readonly #inventories: Inventory[] = [];
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #touched = new Set<string>();

  constructor(parts: EngineParts, committed: () => void) {
    this.#parts = parts;
    this.#committed = committed;
  }

  command(command: PipelineCommand): Promise<Answer> {
    if (isForInstallation(command)) {
      return this.#inLine('all', () => decideForAll(command, this.#parts, this.#committed));
    }
    if (isForGroup(command)) return this.group(command.service, command);
    const { service, by } = command;
    return this.request({
      command,
      service,
      named: namedBy(command),
      by,
      decide: (facts, now) => decide(facts, command, now),
    });
  }

  /** Resolves when it is committed. A refusal, and what came too late to count, changes nothing. */
  request(request: Request): Promise<Answer> {
    return this.#inLine(request.service, () => this.#try(request));
  }

  /** What is asked of a group, or what has become of it: no other decision about one of its services is made meanwhile. */
  group(name: string, command?: ForGroup): Promise<Answer> {
    const policy = this.#parts.groups?.get(name);
    if (policy === undefined) return unknownGroup(name, command, this.#parts);
    const lines = [...new Set(policy.services)].toSorted();
    const decided = () =>
      decideForGroup(
        { policy, command },
        this.#parts,
        (facts, of) => this.#whole(facts, of),
        this.#committed,
      );
    const inAll = lines.reduceRight<() => Promise<Answer>>(
      (work, service) => () => this.#inLine(service, work),
      decided,
    );
    return this.#inLine(`group/${name}`, inAll);
  }

  /** Leaves the trace of a request that was no command, or was refused before it became one. */
  traced(asked: Asked, answer: Answer): Promise<Answer> {
    return this.#inLine(asked.service, async () => {
      await leaveTrace(asked, answer, this.#parts);
      return answer;
    });
  }

  /** The end of a provider's inventory: kept, and handed to the clock. It concerns no single service. */
  async inventoried(ends: NonNullable<Request['ends']>, inventory: Inventory | undefined): Promise<void> {
    const { ledger, now } = this.#parts;
    const kept = inventory === undefined ? {} : { inventory };
    const nothing = { expect: {}, events: [], texts: {}, orders: [], stop: [], channel: '' };
    const committed = await ledger.commit({ at: now(), by: theClock, ...nothing, ends, ...kept });
    if (committed === 'committed' && inventory !== undefined) this.#inventories.push(inventory);
  }

  /** What was seen of the operators' files. */
  async files(seen: FilesSeen): Promise<void> {
    const record = () => recordFiles(seen, this.#parts, this.#committed);
    await this.#inLine('all', record);
  }

  /** Services to which something happened since the last call. */
  takeTouched(): ReadonlySet<string> {
    const touched = new Set(this.#touched);
    this.#touched.clear();
    return touched;
  }

  /** Inventories that came since the last call. */
  takeInventories(): Inventory[] {
    return this.#inventories.splice(0);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#lines.values());
  }

  #inLine<T>(service: string, work: () => Promise<T>): Promise<T> {
    const before = this.#lines.get(service) ?? Promise.resolve();
    const mine = before.then(work);
    const settled = mine.catch(() => undefined);
    this.#lines.set(service, settled);
    settled.then(() => {
      if (this.#lines.get(service) === settled) this.#lines.delete(service);
    });
    return mine;
  }

  async #try(request: Request): Promise<Answer> {
    const { ledger, policies, now } = this.#parts;
    const policy = policies.get(request.service);
    if (policy === undefined) return this.#unknown(request);
    for (let tries = 0; tries < mostTries; tries++) {
      const { facts, versions } = await loadClean(this.#parts, request.service, request.named);
      const at = now();
      const whole = this.#whole(facts, policy);
      const decision = request.decide(whole, at);
      if (isRefusal(decision)) return this.#no(request, decision);
      const { orders, stop, standbys, redrawn } = decision;
      const answer = await withTexts(ledger, decision.answer, decision.texts);
      const trail = request.command && trailOf(request.command, answer, decision.grants, whole.textRef);
      const events = [...decision.events, ...(trail?.events ?? [])];
      const committed = await ledger.commit({
        at,
        by: request.by,
        expect: versions,
        events,
        texts: withoutSecrets(this.#parts, { ...decision.texts, ...trail?.texts }),
        orders,
        stop,
        ...placeOf(policy),
        outward: policy,
        ...(standbys === undefined ? {} : { standbys }),
        ...(redrawn === undefined ? {} : { redrawn }),
        ...(request.ends === undefined ? {} : { ends: request.ends }),
      });
      if (committed === 'stale') return refuse('stale', 'This attempt does not count any more.');
      if (committed === 'conflict') continue;
      this.#parts.observe?.(events, whole, at);
      if (events.length > 0) this.#touched.add(request.service);
      this.#committed();
      return answer;
    }
    throw new Error(`The facts about ${request.service} moved ${mostTries} times while a decision was made.`);
  }

  #whole(facts: Omit<Facts, 'policy' | 'calendar'>, policy: Facts['policy']): Facts {
    const { admins, calendar } = this.#parts;
    return {
      ...facts,
      policy: admins === undefined ? policy : { ...policy, admins },
      calendar: calendar?.(policy.service) ?? openCalendar,
    };
  }

  async #no({ command }: Request, refusal: Refusal): Promise<Refusal> {
    const answer = await withTexts(this.#parts.ledger, refusal);
    if (command !== undefined) await leaveTrace(command, answer, this.#parts);
    return answer;
  }

  #unknown({ service, command }: Request): Promise<Refusal> | Refusal {
    const unknown = refuse(
      'unknown service',
      `There is no service ${service.slice(0, 60)}. See /bake status for what there is.`,
    );
    if (command === undefined) return unknown;
    // A name from outside names no stream.
    return leaveTrace({ ...command, service: 'all' }, unknown, this.#parts).then(() => unknown);
  }
}

function namedBy(command: ForOneService): Named {
  return {
    version: 'version' in command ? command.version : undefined,
    deployment: 'deployment' in command ? command.deployment : undefined,
    sha: command.do === 'request release' ? command.commit.sha : undefined,
  };
}
