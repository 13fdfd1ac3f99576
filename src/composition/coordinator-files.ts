import { basename, extname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { type Problem, printProblem } from '../config/problem.ts';
import type { GroupPolicy } from '../pipeline/domain/group.ts';
import { activeRung } from '../pipeline/domain/group.ts';
import type { Engine } from '../pipeline/engine/engine.ts';
import type { Queries } from '../pipeline/pipeline.ts';
import { changedBy } from './changed-by.ts';
import type { Taker } from './in-force.ts';

interface Parts {
  /** The folder of bot.yaml. */
  dir: string;
  /** What the coordinator lives by; its maps are brought up to date in place. */
  live: LiveFiles;
  engine: Pick<Engine, 'files'>;
  query: Pick<Queries, 'service' | 'group'>;
}

/** What of the files a running coordinator reads at each decision. */
export class LiveFiles {
  config: Config;
  /** The workspaces that it was started with: `slack` is read once. */
  readonly slack: Config['slack'];
  readonly policies: Config['policies'];
  readonly groups: Map<string, GroupPolicy>;
  readonly operators: Map<string, string>;

  constructor(config: Config) {
    this.config = config;
    this.slack = config.slack;
    this.policies = new Map(config.policies);
    this.groups = new Map(config.groups);
    this.operators = new Map(config.operators);
  }

  /** All of it at once: no decision sees half of a change. */
  take(next: Config): void {
    this.config = next;
    fill(this.policies, next.policies);
    fill(this.groups, next.groups);
    fill(this.operators, next.operators);
  }
}

/** The coordinator lives by the files from here on: what is in force is in the ledger before it counts. */
export function takesFiles({ dir, live, engine, query }: Parts): Taker {
  return {
    hindrances: async (next) => [
      ...notServed(live.slack, next),
      ...(await underWay(live.config, next, query)),
      ...(await groupsUnderWay(live.config, next, query)),
    ],
    take: async (next, change) => {
      await engine.files({
        ...change,
        by: await changedBy(dir, Object.keys(change.changed)),
        atStart: false,
      });
      live.take(next);
    },
    refused: async (problems, change) =>
      engine.files({
        ...change,
        by: await changedBy(dir, Object.keys(change.changed)),
        atStart: false,
        problems: problems.slice(0, 100).map(printProblem),
      }),
  };
}

/** What changed while no coordinator ran is written down at its start. */
export async function filesAtStart({ dir, live, engine }: Omit<Parts, 'query'>): Promise<void> {
  const { digest, digests } = live.config.files;
  const by = await changedBy(dir, Object.keys(digests));
  await engine.files({ by, digest, changed: digests, gone: [], restart: [], atStart: true });
}

/** Nobody would see the cards of a service whose workspace the running process does not serve, nor hear people there. */
function notServed(slack: Config['slack'], next: Config): Problem[] {
  const served = new Set(slack.map(({ workspace }) => workspace?.team));
  return [...next.policies.values()]
    .filter(({ workspace }) => !served.has(workspace?.team))
    .map(({ service, workspace }) => ({
      file: fileOf(next, service),
      line: 1,
      sentence: `This puts ${service} into ${workspace === undefined ? 'the only workspace' : `the workspace ${workspace.name}`}, which Bakery serves after its next start, since \`slack\` of bot.yaml is read then. Start it again: the change is taken there.`,
    }));
}

/** Nobody would hear what comes of work whose service or environment has left the files. */
async function underWay(now: Config, next: Config, query: Parts['query']): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [service, policy] of now.policies) {
    const kept = next.policies.get(service);
    const stays = new Set(kept?.environments.map(({ name }) => name));
    if (policy.environments.every(({ name }) => stays.has(name))) continue;
    const view = await query.service(service);
    const releases = kept === undefined ? (view?.open.releases ?? []) : [];
    const deployments = (view?.open.deployments ?? []).filter(({ environment }) => !stays.has(environment));
    for (const { version } of [...releases, ...deployments].slice(0, 1))
      problems.push({
        file: fileOf(now, service),
        line: 1,
        sentence: `This takes away ${kept === undefined ? service : `an environment of ${service}`} while v${version} is under way there. Put it back, or let that end (or \`/bake cancel\` it): then the change is taken.`,
      });
  }
  return problems;
}

/** What people have agreed to goes as it was agreed to: a group changes when its release has ended. */
async function groupsUnderWay(now: Config, next: Config, query: Parts['query']): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [name, group] of now.groups) {
    const kept = next.groups.get(name);
    const isSame =
      isDeepStrictEqual(kept?.services, group.services) &&
      isDeepStrictEqual(kept?.environments, group.environments);
    const release = isSame ? undefined : (await query.group(name))?.release;
    if (release === undefined || activeRung(release) === undefined) continue;
    problems.push({
      file: 'bot.yaml',
      line: 1,
      sentence: `This ${kept === undefined ? 'takes away' : 'changes'} the group ${name} while its v${release.number} is under way. Put it back, or let that end (or \`/bake cancel ${name}\`): then the change is taken.`,
    });
  }
  return problems;
}

const fileOf = ({ files }: Config, service: string): string =>
  Object.keys(files.digests).find((name) => basename(name, extname(name)) === service) ?? service;

function fill<Value>(map: Map<string, Value>, from: ReadonlyMap<string, Value>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}
