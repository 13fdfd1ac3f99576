import type { Config } from '../config/config.ts';
import type { Looked } from './look.ts';

/** JSON is YAML too: a value as it stands in a line. */
const value = (of: unknown): string => JSON.stringify(of);

/** Where the service is to run, of what bot.yaml has. */
export interface Place {
  provider: string;
  kind: 'local' | 'docker';
  production: boolean;
  balancer: string;
  /** The first of some free ports. */
  port: number;
}

/** What runs a program of this kind on a Docker engine. */
const bases = { node: 'node:22-bookworm-slim', go: 'debian:bookworm-slim' } as const;

/** `bakery.yaml` of a repository that was looked at. */
export function serviceFileText(looked: Looked, { kind }: Pick<Place, 'kind'>): string {
  const { compile, test, package: made, start, health, variables } = looked;
  const base = looked.kind === 'dockerfile' || kind === 'local' ? '' : bases[looked.kind];
  const image = looked.kind === 'dockerfile' ? { dockerfile: 'Dockerfile' } : { base, packages: [], start };
  const build = [
    ...(compile === undefined ? [] : [`  compile: { run: ${value(compile)}, timeout: 10m }`]),
    ...(test === undefined ? [] : [`  test: { run: ${value(test)}, timeout: 10m }`]),
    ...(made === undefined
      ? []
      : [`  package: { run: ${value(made.run)}, timeout: 5m, file: ${value(made.file)} }`]),
  ];
  return [
    '# How Bakery builds, bakes, runs and verifies this service, read at the commit that is baked. `bakery init` wrote it from',
    "# what it found in the repository: look through it. All keys are explained in Bakery's examples/hello/bakery.yaml.",
    ...(build.length === 0 ? ['build: {}'] : ['build:', ...build]),
    `image: ${value(image)}`,
    ...(health === undefined
      ? ['# No path was found that sounds like health: this one has to answer 200.']
      : []),
    `health: { path: ${value(health ?? '/healthz')}, within: 30s }`,
    'grace: 10s',
    ...(variables.length === 0
      ? []
      : [
          '# What its sources, its examples of settings, its Dockerfile and its compose file name. `required: true` refuses a deployment that lacks it.',
          'variables:',
          ...variables.map(({ name, type }) => `  ${name}: { type: ${type}, required: false }`),
        ]),
    'suites:',
    '  functional:',
    '    kind: functional',
    `    http: [{ path: ${value(health ?? '/healthz')}, status: 200 }]`,
    '',
  ].join('\n');
}

/** `services/<name>.yaml` for it. */
export function policyText(
  looked: Looked,
  from: { repository: string; branch: string; folder: string },
  place: Place,
  { admins }: Pick<Config, 'admins'>,
): string {
  return [
    '# What the operators say of this service. `bakery init` wrote it: look through it, above all who may do what.',
    "# All keys are explained in Bakery's examples/config/services/hello.yaml.",
    `repository: ${value(from.repository)}`,
    `folder: ${value(from.folder)}`,
    `branch: ${value(from.branch)}`,
    `provider: ${value(place.provider)}`,
    '# What is given to nobody here is the administrators’.',
    'people:',
    '  bake: ["*"]',
    ...(admins.length === 0 ? [] : [`  approve: ${value(admins)}`]),
    '  rollback: ["*"]',
    `defaults: { balancer: ${value(place.balancer)} }`,
    ...(looked.variables.length === 0
      ? []
      : [
          '# What it reads; put what it needs below `verify` and each environment, with the value of that place. No value was taken over.',
          '#   settings:',
          ...looked.variables.map(settingLine),
        ]),
    'environments:',
    `  staging: { port: ${place.port} }`,
    ...(place.production ? [`  production: { port: ${place.port + 1}, production: true }`] : []),
    '',
  ].join('\n');
}

/** A place to fill in; a secret is only ever named. */
const settingLine = ({ name, type }: Looked['variables'][number]): string =>
  `#     ${name}: ${type === 'secret' ? `{ secret: "env:${name}" }` : `# a ${type === 'string' ? 'text' : type}`}`;
