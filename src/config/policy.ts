import { resolve } from 'node:path';
import type { EnvironmentPolicy, ServicePolicy } from '../pipeline/domain/policy.ts';
import type { Workspace } from '../pipeline/domain/workspace.ts';
import { toAccess } from './access.ts';
import { toHookCalls } from './hooks.ts';
import type { PolicyFile } from './policy-file.ts';
import { toSettings } from './settings.ts';

type Written = PolicyFile['environments'][string];

const hour = 3_600_000;

/** What an environment is when the files say nothing else. Times in milliseconds. */
const usual = {
  count: 1,
  selfApproval: false,
  whenNewer: 'ask' as const,
  approveWithin: 24 * hour,
  steps: [10, 50, 100],
  pause: 5000,
  soak: 5 * 60_000,
  retireAfter: hour,
  drain: 30_000,
};

/** The policy that a service's file writes down; `dir` is what relative repositories are relative to. */
export function toPolicy(
  service: string,
  file: PolicyFile,
  from: { dir: string; channel: string; workspace?: Workspace },
): ServicePolicy {
  const peopleIn = Object.fromEntries(
    Object.entries(file.environments).flatMap(([name, { people }]) =>
      people === undefined ? [] : [[name, present(people)]],
    ),
  );
  return {
    service,
    repository: /^\.{1,2}\//.test(file.repository) ? resolve(from.dir, file.repository) : file.repository,
    folder: file.folder,
    branch: file.branch,
    ...(file.watch === undefined ? {} : { watch: file.watch }),
    channel: file.channel ?? from.channel,
    ...(from.workspace === undefined ? {} : { workspace: from.workspace }),
    provider: file.provider,
    people: present(file.people),
    ...(Object.keys(peopleIn).length === 0 ? {} : { peopleIn }),
    ...(file.tags === undefined ? {} : { tags: file.tags }),
    ...(file.checks === undefined ? {} : { checks: file.checks }),
    ...secrets(file),
    ...(Object.keys(file.hooks).length === 0 ? {} : { hooks: toHookCalls(file.hooks) }),
    ...(file.external === undefined ? {} : { external: file.external }),
    ...(file.feedback === undefined ? {} : { feedback: file.feedback }),
    messages: file.messages,
    retention: file.images,
    verify: toSettings(file.verify.settings),
    environments: Object.entries(file.environments).map(([name, written]) =>
      toEnvironment(name, written, file),
    ),
  };
}

/** How the repository is read, and what the build is given, where the file says so. */
function secrets({ access, buildSecrets }: PolicyFile): Pick<ServicePolicy, 'access' | 'buildSecrets'> {
  const way = access === undefined ? undefined : toAccess(access);
  return {
    ...(way === undefined ? {} : { access: way }),
    ...(Object.keys(buildSecrets).length === 0 ? {} : { buildSecrets }),
  };
}

function toEnvironment(name: string, written: Written, file: PolicyFile): EnvironmentPolicy {
  const said = { ...present(file.defaults), ...present(written) };
  const isWorker = said.traffic === 'none';
  // What goes on taking work beside the new one is worth less than a quick way back.
  const rung = { ...usual, ...(isWorker ? { retireAfter: 0 } : {}), ...said };
  const promotion = rung.promotion ?? (written.production ? 'approval' : 'auto');
  return {
    name,
    provider: rung.provider ?? file.provider,
    ...(isWorker
      ? {
          balancer: '',
          port: 0,
          traffic: 'none' as const,
        }
      : { balancer: rung.balancer ?? '', port: written.port ?? 0 }),
    ...(rung.overlap === false ? { overlap: false as const } : {}),
    count: rung.count,
    promotion,
    approvals: rung.approvals ?? (promotion === 'approval' ? 1 : 0),
    selfApproval: rung.selfApproval,
    approveWithin: rung.approveWithin,
    whenNewer: rung.whenNewer,
    ...present({ oneOf: rung.oneOf, atDeadline: rung.atDeadline }),
    ...(isWorker ? { steps: [100], pause: 0 } : { steps: rung.steps, pause: rung.pause }),
    soak: rung.soak,
    ...(rung.limits === undefined ? {} : { limits: present(rung.limits) }),
    ...(rung.probe === undefined ? {} : { probe: rung.probe }),
    retireAfter: rung.retireAfter,
    drain: rung.drain,
    ...(rung.rehearse === undefined ? {} : { rehearse: rung.rehearse }),
    settings: toSettings(written.settings),
    hosts: written.hosts,
    production: written.production,
  };
}

/** Without the keys that were not written, so that they do not hide a default. */
function present<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // The cast says what the filter does: what is left is not undefined.
  return Object.fromEntries(entries) as { [Key in keyof Value]: Exclude<Value[Key], undefined> };
}
