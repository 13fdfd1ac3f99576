import { join } from 'node:path';
import type { ScriptOrder } from '../../pipeline/provider.ts';
import { quoted } from '../../pipeline/script.ts';
import { instanceName } from '../instance-name.ts';
import { beyond, lowest } from './ports.ts';
import { keyVariable, markVariable, path } from './start.ts';

/**
 * Starts the process of a mark as `startProcess` does, or finds it by its environment. It has no record: the provider
 * knows such a process by the two variables that it carries.
 */
export const launchScript = (root: string, place: string, order: ScriptOrder): string[] => {
  const id = instanceName(order.mark);
  const { files = [] } = order;
  const named = files.map((name) => `${name}_FILE`);
  const kept = [
    ...order.variables.filter((name) => !files.includes(name)),
    ...named,
    'PORT',
    'HOST',
    'PATH',
    'TMPDIR',
    keyVariable,
    markVariable,
  ];
  return [
    `instance=${quoted(id)}`,
    `folder=${quoted(join(root, 'instances', id))}`,
    `image=${quoted(place)}`,
    `[ "$(sha256sum < "$image/manifest.json" | cut -c1-64)" = ${quoted(order.image.manifest.slice('sha256:'.length))} ] ||`,
    `  fail "The image $image is gone, or is not what was baked. Nothing was started."`,
    // A process that runs already carries its port.
    `found=$(grep -lzxF "${keyVariable}=$folder" /proc/[0-9]*/environ 2>/dev/null | head -n 1 || true)`,
    'if [ -n "$found" ]; then',
    `  port=$(tr '\\0' '\\n' < "$found" | sed -n 's/^PORT=//p' | head -n 1)`,
    'else',
    `  mkdir -p "$folder/tmp" ${quoted(join(root, 'ports'))}`,
    '  for try in $(seq 1 200); do',
    `    port=$((${lowest} + (RANDOM * 32768 + RANDOM) % ${beyond - lowest}))`,
    '    if (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi',
    `    if (set -C; printf %s "$instance" > ${quoted(join(root, 'ports'))}/"$port") 2>/dev/null; then break; fi`,
    '    [ "$try" -lt 200 ] || fail "No port is free on 127.0.0.1. Nothing was started."',
    '  done',
    '  (',
    `    export PORT="$port" HOST=127.0.0.1 PATH=${quoted(path)} TMPDIR="$folder/tmp"`,
    `    export ${keyVariable}="$folder" ${markVariable}=${quoted(JSON.stringify(order.mark))}`,
    ...(files.length === 0 ? [] : ['    mkdir -p "$folder/secrets"; chmod 700 "$folder/secrets"']),
    ...files.map(
      (name) =>
        `    (umask 377; rm -f "$folder/secrets/${name}"; printf %s "$${name}" > "$folder/secrets/${name}"); export ${name}_FILE="$folder/secrets/${name}"`,
    ),
    `    for name in $(compgen -e); do case ${quoted(` ${kept.join(' ')} `)} in *" $name "*) ;; *) unset "$name" ;; esac; done`,
    '    cd "$image/files"',
    `    exec setsid ${order.spec.start.map(quoted).join(' ')} >> "$folder/log" 2>&1 < /dev/null`,
    '  ) &',
    'fi',
    'address="http://127.0.0.1:$port"',
  ];
};
