import type { Actor } from '../../src/pipeline/domain/actor.ts';
import type { EnvironmentPolicy, ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { ServiceFile } from '../../src/pipeline/domain/service-file.ts';

export const ada: Actor = { kind: 'person', team: 'T1', user: 'UADA' };
export const bob: Actor = { kind: 'person', team: 'T1', user: 'UBOB' };
export const eve: Actor = { kind: 'person', team: 'T1', user: 'UEVE' };

export function environment(
  name: string,
  port: number,
  more: Partial<EnvironmentPolicy> = {},
): EnvironmentPolicy {
  return {
    name,
    provider: 'local',
    balancer: 'embedded',
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
    drain: 5_000,
    settings: { digest: `sha256:${name}`, values: { GREETING: { value: `hello ${name}` } } },
    hosts: [`${name}.example.test`],
    production: false,
    ...more,
  };
}

export function policy(more: Partial<ServicePolicy> = {}): ServicePolicy {
  return {
    service: 'hello',
    repository: 'https://git.example.test/hello.git',
    folder: '.',
    branch: 'main',
    channel: '#deploys',
    provider: 'local',
    people: {
      bake: ['*'],
      approve: ['T1/UADA', 'T1/UBOB'],
      rollback: ['T1/UADA', 'T1/UBOB'],
      retire: ['T1/UADA'],
    },
    verify: { digest: 'sha256:verify', values: { GREETING: { value: 'hello verify' } } },
    environments: [
      environment('dev', 4001),
      environment('production', 4003, {
        promotion: 'approval',
        approvals: 1,
        steps: [25, 100],
        pause: 2_000,
        soak: 10_000,
        retireAfter: 600_000,
        production: true,
      }),
    ],
    ...more,
  };
}

export const serviceFile: ServiceFile = {
  build: {
    commands: [{ name: 'package', command: { argv: ['true'], timeout: 1_000 } }],
    package: 'out/hello.tar',
  },
  recipe: { base: '', packages: [], start: ['node', 'server.js'] },
  health: { path: '/healthz', within: 20_000 },
  variables: [{ name: 'GREETING', type: 'string', required: true }],
  suites: [{ name: 'functional', kind: 'functional', http: [{ path: '/', status: 200 }] }],
  grace: 5_000,
};
