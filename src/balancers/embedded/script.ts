import type { ShiftScriptOrder } from '../../pipeline/balancer.ts';
import { quoted } from '../../pipeline/script.ts';
import type { Paths } from './paths.ts';

/** Asks the balancer's process over its control socket; starts it when none lives. */
export function shiftScript(paths: Paths, start: string[], order: ShiftScriptOrder): string[] {
  const { frontend, health, epoch } = order;
  const about = JSON.stringify(frontend);
  const attach = `{"frontend":${about},"instance":{"id":"%s","address":"%s"},"path":${JSON.stringify(health.path).replaceAll('%', '%%')},"epoch":%s}`;
  return [
    `ask() { curl -sS --max-time 5 --unix-socket ${quoted(paths.socket)} -d "$2" "http://balancer/$1"; }`,
    `if ! ask hello '{}' > /dev/null 2>&1; then`,
    '  say "The balancer does not run. It is started."',
    `  (cd ${quoted(paths.folder)} && exec setsid env -i ${start.map(quoted).join(' ')} > /dev/null 2>&1 < /dev/null) &`,
    `  for try in $(seq 1 100); do if ask hello '{}' > /dev/null 2>&1; then break; fi; sleep 0.1; done`,
    'fi',
    `reply=$(ask members ${quoted(`{"frontend":${about}}`)}) || fail "The balancer does not answer. Its log is ${paths.log}."`,
    `epoch=$(printf %s "$reply" | grep -o '"epoch":[0-9]*' | head -n 1 | cut -d : -f 2)`,
    `if [ "$epoch" -lt ${epoch} ]; then epoch=${epoch}; fi`,
    'weights=',
    `share=$((100 / \${#instances[@]}))`,
    `for i in "\${!instances[@]}"; do`,
    `  instance=\${instances[$i]} address=\${addresses[$i]}`,
    `  reply=$(ask attach "$(printf ${quoted(attach)} "$instance" "$address" "$epoch")")`,
    `  case "$reply" in *'"fault"'*) fail "The balancer refused $instance: $reply" ;; esac`,
    `  weights="$weights\${weights:+,}\\"$instance\\":$share"`,
    'done',
    `for try in $(seq 1 ${Math.max(10, Math.ceil(health.within / 200))}); do`,
    `  reply=$(ask shift "{\\"frontend\\":"${quoted(about)}",\\"weights\\":{$weights},\\"epoch\\":$epoch}")`,
    `  case "$reply" in *'"fault"'*) sleep 0.2 ;; *) reply=; break ;; esac`,
    'done',
    '[ -z "$reply" ] || fail "Traffic was not moved: $reply"',
  ];
}
