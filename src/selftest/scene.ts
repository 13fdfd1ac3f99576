import { createHash } from 'node:crypto';
import type { Actor } from '../pipeline/domain/actor.ts';
import type { FoundCommit } from '../pipeline/domain/command.ts';
import type { EnvironmentPolicy, ServicePolicy } from '../pipeline/domain/policy.ts';

/** The services that the selftest releases: one for each schedule that an installation takes. */
export const serviceNamed = (index: number): string => (index === 0 ? 'bread' : `bread-${index}`);

export const service = serviceNamed(0);

export const ada: Actor = { kind: 'person', team: 'selftest', user: 'ADA' };

/** What a run's installation is like; chosen by its seed. */
export interface Scene {
  /** Instances of a slot. */
  count: number;
  /** Whether the cloud's making takes a token. */
  tokens: boolean;
  workers: number;
  /** Whether somebody says yes to whatever is asked, a few seconds after it was. */
  eager: boolean;
  /** False: nothing is published. Workers of a version that does not know of it leave that to newer ones. */
  publishes?: false;
  /** Divides every time that people configure: what costs virtual minutes costs real seconds. */
  haste: number;
}

export function policyOf({ count, haste, publishes }: Scene, service: string, index = 0): ServicePolicy {
  const everybody = ['*'];
  return {
    service,
    repository: '/srv/git/bread.git',
    folder: '.',
    branch: 'main',
    channel: '#selftest',
    provider: 'faulty',
    ...(publishes === false ? {} : { publishes: true }),
    people: { bake: everybody, approve: everybody, rollback: everybody, retire: everybody },
    verify: settings('verify'),
    environments: [
      environment('dev', 4001 + 2 * index, { soak: 2_000 / haste, retireAfter: 0 }),
      environment('production', 4002 + 2 * index, {
        count,
        promotion: 'approval',
        approvals: 1,
        steps: [50, 100],
        pause: 1_000 / haste,
        soak: 4_000 / haste,
        retireAfter: 60_000 / haste,
        production: true,
      }),
    ],
  };
}

function environment(name: string, port: number, more: Partial<EnvironmentPolicy>): EnvironmentPolicy {
  return {
    name,
    provider: 'faulty',
    balancer: 'faulty',
    port,
    count: 1,
    promotion: 'auto',
    approvals: 0,
    selfApproval: true,
    approveWithin: 24 * 3_600_000,
    steps: [100],
    pause: 0,
    soak: 0,
    retireAfter: 0,
    drain: 2_000,
    settings: settings(name),
    hosts: [`${name}.bread.invalid`],
    production: false,
    ...more,
  };
}

const settings = (name: string) => ({
  digest: `sha256:${name}`,
  values: { GREETING: { value: `Hello from ${name}` } },
});

/** A commit of the service; a bad one fails in the stage that it names. */
export function commitOf(number: number, bad: 'build' | 'verify' | undefined): FoundCommit {
  const digest = createHash('sha1').update(`commit ${number}`).digest('hex');
  // The first digit tells the commands of the selftest what is to become of it.
  const first = bad === 'build' ? 'b' : bad === 'verify' ? 'c' : 'a';
  const sha = `${first}${digest.slice(1)}`;
  return { sha, ref: 'main', subject: `Change ${number}`, author: 'Ada', email: 'ada@selftest.invalid' };
}

/** `bakery.yaml` of each of them. */
export const serviceFileText = (haste: number): string => `build:
  package: { run: [make-package], file: bread.tar }
image: { start: [bread] }
health: { path: /healthz, within: ${20_000 / haste}ms }
grace: 1s
variables:
  GREETING: { type: string }
suites:
  functional: { kind: functional, run: [run-suite] }
`;
