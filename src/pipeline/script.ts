/** One word of a bash script, whatever stands in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * What the lines of a provider and of a balancer may count on: bash with `set -euo pipefail`, the words `say` and
 * `fail` (which ends the script), and `curl`.
 */
export const scriptPrelude: readonly string[] = [
  '#!/usr/bin/env bash',
  'set -euo pipefail',
  `say() { printf '%s\\n' "$*"; }`,
  `fail() { printf '%s\\n' "$*" >&2; exit 1; }`,
];
