import { quoted } from '../pipeline/script.ts';

/**
 * Lines of a rescue script that have a program of Bakery's move the traffic, with nothing of Bakery running: it is told
 * `order` and, after it, each instance with its address. `entry` is the path of the program.
 */
export function scriptOfProgram(entry: string, order: object): string[] {
  const program = [process.execPath, entry].map(quoted).join(' ');
  return [
    'pairs=()',
    `for i in "\${!instances[@]}"; do pairs+=("\${instances[$i]}" "\${addresses[$i]}"); done`,
    `${program} ${quoted(JSON.stringify(order))} "\${pairs[@]}" || fail "Traffic was not moved."`,
  ];
}
