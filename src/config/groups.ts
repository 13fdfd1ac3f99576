import * as z from 'zod';
import type { GroupPolicy } from '../pipeline/domain/group.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import { channel, duration, name } from './fields.ts';
import { nearest } from './nearest.ts';
import { serviceNameProblem } from './reserved.ts';
import { named, strict } from './strict.ts';

/** Services that are released together: one card, one approval, in this order, and back in reverse. */
export const groupsFile = named(
  name,
  strict('bot.yaml', {
    services: z
      .array(name)
      .min(2, { error: 'must name two services or more, in the order in which they go; add the others.' })
      .max(20, { error: 'may name at most 20 services; split the group.' }),
    environments: z
      .array(name)
      .min(1, { error: 'must name where they go together; add an environment.' })
      .max(20),
    soak: duration.prefault('0s'),
    channel: channel.optional(),
  }),
).default({});

type GroupsFile = z.output<typeof groupsFile>;

/** What is wrong, below `groups`. */
export interface GroupFinding {
  path: (string | number)[];
  sentence: string;
}

/** The groups that the file writes down, of services whose files are right. */
export const toGroups = (
  file: GroupsFile,
  policies: ReadonlyMap<string, ServicePolicy>,
): ReadonlyMap<string, GroupPolicy> =>
  new Map(
    Object.entries(file).flatMap(([group, made]): [string, GroupPolicy][] => {
      const first = policies.get(made.services[0] ?? '');
      if (first === undefined) return [];
      const { repository, branch, workspace } = first;
      const ladder = first.environments.map((environment) => environment.name);
      return [
        [
          group,
          {
            ...{ group, repository, branch, soak: made.soak, services: made.services },
            environments: ladder.filter((environment) => made.environments.includes(environment)),
            channel: made.channel ?? first.channel,
            ...(workspace === undefined ? {} : { workspace }),
          },
        ],
      ];
    }),
  );

/** What speaks against the groups; `files`: names of all services, also of those whose files are wrong in themselves. */
export function groupFindings(
  file: GroupsFile,
  policies: ReadonlyMap<string, ServicePolicy>,
  files: readonly string[],
): GroupFinding[] {
  const findings: GroupFinding[] = [];
  /** By service: the group that it goes with. */
  const taken = new Map<string, string>();
  for (const [group, made] of Object.entries(file)) {
    const misnamed = nameProblem(group, files);
    if (misnamed !== undefined) findings.push({ path: [group], sentence: misnamed });
    findings.push(...servicesOf(group, made, policies, files), ...environmentsOf(group, made, policies));
    for (const [index, service] of made.services.entries()) {
      const other = taken.get(service);
      taken.set(service, other ?? group);
      if (other === undefined || other === group) continue;
      const sentence = `\`${service}\` goes with the group \`${other}\` already, and a release goes with one; take it out of one of them.`;
      findings.push({ path: [group, 'services', index], sentence });
    }
  }
  return findings;
}

function nameProblem(group: string, files: readonly string[]): string | undefined {
  if (files.includes(group))
    return `\`${group}\` is the name of a service; give the group another one: \`/bake ${group}\` could mean both.`;
  const problem = serviceNameProblem(group);
  return problem === undefined
    ? undefined
    : `A group is called like a service, and \`${group}\` cannot be: ${problem.replace(/;? rename the file\.$/, '')}; rename the group.`;
}

function* servicesOf(
  group: string,
  { services }: GroupsFile[string],
  policies: ReadonlyMap<string, ServicePolicy>,
  files: readonly string[],
): Generator<GroupFinding> {
  const first = policies.get(services[0] ?? '');
  for (const [index, service] of services.entries()) {
    const path = [group, 'services', index];
    const of = policies.get(service);
    if (services.indexOf(service) < index)
      yield {
        path,
        sentence: `\`${service}\` stands in its own order twice, and cannot go before itself; remove one.`,
      };
    else if (!files.includes(service)) yield { path, sentence: unknown('service', service, files) };
    else if (first === undefined || of === undefined) continue;
    else if (of.repository !== first.repository || of.branch !== first.branch)
      yield {
        path,
        sentence: `\`${service}\` comes from another repository or branch than \`${first.service}\`; a group is released by one commit, so name services of one repository and branch.`,
      };
    else if (of.workspace?.team !== first.workspace?.team)
      yield {
        path,
        sentence: `\`${service}\` belongs to another Slack workspace than \`${first.service}\`; nobody could agree to both, so name services of one.`,
      };
  }
}

function* environmentsOf(
  group: string,
  { services, environments }: GroupsFile[string],
  policies: ReadonlyMap<string, ServicePolicy>,
): Generator<GroupFinding> {
  for (const [index, environment] of environments.entries()) {
    const path = [group, 'environments', index];
    if (environments.indexOf(environment) < index)
      yield { path, sentence: `\`${environment}\` stands here twice; remove one.` };
    for (const service of services) {
      const there = policies.get(service)?.environments.map(({ name: one }) => one);
      if (there === undefined || there.includes(environment)) continue;
      yield { path, sentence: unknown(`environment of \`${service}\``, environment, there) };
    }
  }
  const ladders = services.flatMap((service) => {
    const of = policies.get(service);
    return of === undefined
      ? []
      : [of.environments.map(({ name: one }) => one).filter((one) => environments.includes(one))];
  });
  const [first] = ladders;
  if (
    first !== undefined &&
    ladders.some((ladder) => ladder.length === first.length && ladder.join() !== first.join())
  )
    yield {
      path: [group, 'environments'],
      sentence: `The services have these environments in different orders (${ladders.map((ladder) => ladder.join(', ')).join('; ')}); write them in one order in their files.`,
    };
}

function unknown(what: string, given: string, known: readonly string[]): string {
  const meant = nearest(given, known);
  const hint =
    meant === undefined
      ? `there is ${known.map((one) => `\`${one}\``).join(', ')}; correct the name.`
      : `did you mean \`${meant}\`?`;
  return `There is no ${what} \`${given}\`; ${hint}`;
}
