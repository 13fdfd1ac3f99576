import type { ScriptOrder } from '../../pipeline/provider.ts';
import { quoted } from '../../pipeline/script.ts';
import { containerOf, diskPlaces, fileVariables, inside, memoryPlaces, secretsFolder } from './container.ts';
import type { Engine } from './engine.ts';
import { label } from './labels.ts';
import type { DockerSettings, EngineSettings } from './settings.ts';

/** The client's words for an engine. */
function client({ url, tls }: EngineSettings): string {
  const words = ['docker', '-H', url];
  if (tls !== undefined)
    words.push('--tlsverify', '--tlscacert', tls.ca, '--tlscert', tls.cert, '--tlskey', tls.key);
  return words.map(quoted).join(' ');
}

/** Secrets that come as files, by way of a folder that nobody else can enter. */
const secretsWords = (files: string[]): string[] => [
  'bring_secrets() {',
  '  local folder; folder=$(mktemp -d)',
  ...files.map((name) => `  printf %s "$${name}" > "$folder/${name}"`),
  `  chmod 444 ${files.map((name) => `"$folder/${name}"`).join(' ')}`,
  `  tar -C "$folder" --owner=0 --group=0 -c ${files.join(' ')} | docker cp - "$instance:${secretsFolder}" || { rm -rf "$folder"; return 1; }`,
  '  rm -rf "$folder"',
  '}',
];

/**
 * Starts the container of a mark with the docker client as `launch` does, or finds it by its name. The provider knows
 * it by its labels from then on.
 */
export const launchScript = (
  order: ScriptOrder,
  engine: Engine,
  at: EngineSettings,
  { network, ports, limits }: DockerSettings,
): string[] => {
  const { image, spec, variables, files = [], mark } = order;
  const shown = variables.filter((name) => !files.includes(name));
  const whole = { ...spec, health: { path: '/', within: 0 }, settings: {} };
  const wanted = containerOf(
    { image, spec: whole, environment: {}, mark },
    { bind: engine.bind, port: 0, network, limits, now: 0 },
  );
  const docker = client(at);
  const labels = Object.entries({ ...wanted.Labels, [label.port]: undefined, [label.launched]: undefined });
  const options = [
    ...labels.flatMap(([name, value]) => (value === undefined ? [] : ['--label', `${name}=${value}`])),
    ...shown.flatMap((name) => ['--env', name]),
    ...Object.entries(fileVariables(files)).flatMap(([name, path]) => ['--env', `${name}=${path}`]),
    ...[...diskPlaces(spec.writable), ...(files.length > 0 ? [secretsFolder] : [])].flatMap((path) => [
      '--volume',
      path,
    ]),
    ...Object.entries(memoryPlaces(spec.writable)).flatMap(([path, how]) => ['--tmpfs', `${path}:${how}`]),
    ...['--env', `PORT=${inside}`, '--env', 'HOST=0.0.0.0', '--init', '--network', network],
    ...['--restart', 'unless-stopped', '--read-only', '--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges'],
    ...['--memory', String(limits.memory), '--memory-swap', String(limits.memory)],
    ...['--cpus', String(limits.cpus), '--pids-limit', String(limits.pids)],
    ...['--log-opt', 'max-size=10m', '--log-opt', 'max-file=3', '--log-driver', 'json-file'],
    ...(spec.start.length === 0 ? [] : ['--entrypoint', '']),
  ].map(quoted);
  const run = [...options, quoted(image.id), ...spec.start.map(quoted)].join(' ');
  return [
    `instance=${quoted(wanted.name)}`,
    `docker() { command ${docker} "$@"; }`,
    ...(files.length === 0 ? [] : secretsWords(files)),
    `if ! docker container inspect "$instance" > /dev/null 2>&1; then`,
    `  docker network inspect ${quoted(network)} > /dev/null 2>&1 || docker network create ${quoted(network)} > /dev/null`,
    '  for try in $(seq 1 20); do',
    `    port=$((${ports.from} + (RANDOM * 32768 + RANDOM) % ${ports.to - ports.from + 1}))`,
    `    if docker create --name "$instance" --publish ${quoted(engine.bind)}:"$port":${inside} --label ${label.port}="$port" --label ${label.launched}="$(date +%s)000" ${run} > /dev/null${files.length === 0 ? '' : ' && bring_secrets'} && docker start "$instance" > /dev/null; then break; fi`,
    '    [ "$try" -lt 20 ] || fail "The engine did not start $instance. Look at its own words above."',
    '    docker rm --force --volumes "$instance" > /dev/null 2>&1 || true',
    '  done',
    'fi',
    `port=$(docker container inspect --format '{{ index .Config.Labels "${label.port}" }}' "$instance")`,
    `address=${quoted(`http://${engine.address}`)}:"$port"`,
  ];
};
