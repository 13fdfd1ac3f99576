import type { Balancer } from '../balancer.ts';
import type { Setting } from '../domain/settings.ts';
import type { Mark, TaskInputs } from '../domain/task.ts';
import type { Provider } from '../provider.ts';
import { quoted, scriptPrelude } from '../script.ts';

type Input = TaskInputs['script'];

/**
 * The text of a script that brings a version back without Bakery, Redis or Slack: what still runs of it gets the
 * traffic, and when nothing does it is started from its image. Secrets are read from where they are when it runs.
 */
export function rescueScript(
  input: Input,
  provider: Pick<Provider, 'launchScript' | 'readsSecret'>,
  balancer: Pick<Balancer, 'shiftScript'>,
): string {
  const { frontend, spec, marks, running, instead } = input;
  const name = nameOf(input);
  return `${[
    ...scriptPrelude,
    ...header(name, instead.version),
    ...healthWords(spec.health),
    `instances=(${running.map(({ id }) => quoted(id)).join(' ')})`,
    `addresses=(${running.map(({ address }) => quoted(address)).join(' ')})`,
    `if [ \${#instances[@]} -gt 0 ] && all_healthy; then`,
    `  say ${quoted(`${name} still runs.`)}`,
    'else',
    `  say ${quoted(`${name} is started from its image.`)}`,
    '  instances=() addresses=()',
    ...settingsWords(readByScript(spec.settings, provider), marks[0]).map(indented),
    ...marks.flatMap((mark) => started(input, mark, provider)).map(indented),
    'fi',
    ...balancer.shiftScript({ frontend, health: spec.health, epoch: marks[0]?.epoch ?? 0 }),
    `say ${quoted(`${name} has all traffic. When Bakery runs again it takes this over as a rollback.`)}`,
  ].join('\n')}\n`;
}

const nameOf = ({ frontend, marks: [first] }: Input): string =>
  first === undefined ? frontend.slot : `${first.service} v${first.version} in ${first.environment}`;

const indented = (line: string): string => `  ${line}`;

const header = (name: string, instead: number): string[] => [
  `# Brings ${name} back, in place of v${instead}, when Bakery itself is what is broken.`,
  '# It needs bash, curl, and what the provider and the balancer are reached by; neither Bakery, its queue nor Slack.',
  '# It holds no secret: they are read from where they are, or from variables of the same name that are set already.',
  '# It may be run again. Written anew after each cut-over.',
];

const healthWords = ({ path, within }: Input['spec']['health']): string[] => [
  `healthy() { curl -fs -o /dev/null --max-time 3 "$1"${quoted(path)}; }`,
  `all_healthy() { local one; for one in "\${addresses[@]}"; do healthy "$one" || return 1; done; }`,
  'wait_healthy() {',
  `  for try in $(seq 1 ${Math.max(1, Math.ceil(within / 500))}); do if healthy "$1"; then return; fi; sleep 0.5; done`,
  `  fail "$1 was not healthy within ${Math.ceil(within / 1000)} s. Traffic is as it was."`,
  '}',
  'from_variable() {',
  '  printenv "$1" || fail "The secret \\$$1 is not set. Nothing was changed: export it, and run this again."',
  '}',
  'from_file() { cat "$1" || fail "The secret in $1 cannot be read. Nothing was changed: run this as somebody who can."; }',
];

/** The instance's variables: a value as it is, a secret from where it is. */
function settingsWords(settings: Record<string, Setting>, mark: Mark | undefined): string[] {
  const own = Object.entries(settings).map(([name, setting]) =>
    'value' in setting ? `export ${name}=${quoted(setting.value)}` : secretWords(name, setting.secret),
  );
  const known = [
    ['BAKERY_SERVICE', mark?.service],
    ['BAKERY_VERSION', mark?.version],
    ['BAKERY_ENVIRONMENT', mark?.environment],
  ].map(([name, value]) => `export ${name}=${quoted(String(value ?? ''))}`);
  return [...known, ...own];
}

/** All but the secrets that the instance reads itself. */
const readByScript = (
  settings: Record<string, Setting>,
  { readsSecret }: Pick<Provider, 'readsSecret'>,
): Record<string, Setting> =>
  Object.fromEntries(
    Object.entries(settings).filter(([, setting]) => 'value' in setting || !readsSecret(setting.secret)),
  );

function secretWords(name: string, reference: string): string {
  const at = reference.indexOf(':');
  const [kind, where] = [reference.slice(0, at), reference.slice(at + 1)];
  const read =
    kind === 'env'
      ? `from_variable ${quoted(where)}`
      : kind === 'file'
        ? `from_file ${quoted(where)}`
        : `fail ${quoted(`The secret ${reference} cannot be read by a script: export ${name}, and run this again.`)}`;
  return `if [ -z "\${${name}:-}" ]; then ${name}=$(${read}); fi; export ${name}`;
}

function started(
  { image, spec }: Input,
  mark: Mark,
  provider: Pick<Provider, 'launchScript' | 'readsSecret'>,
): string[] {
  const variables = ['BAKERY_SERVICE', 'BAKERY_VERSION', 'BAKERY_ENVIRONMENT', ...Object.keys(spec.settings)];
  const files = Object.entries(spec.settings).flatMap(([name, setting]) =>
    'secret' in setting && setting.file === true ? [name] : [],
  );
  const given = { image, spec, variables, mark, ...(files.length === 0 ? {} : { files }) };
  return [
    ...provider.launchScript(given),
    'wait_healthy "$address"',
    'instances+=("$instance") addresses+=("$address")',
  ];
}
