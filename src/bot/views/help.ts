import { drawn, header, section } from './blocks.ts';
import type { Drawn } from './drawn.ts';
import { escaped } from './format.ts';

const words: [string, string][] = [
  ['/bake <service> [branch, tag or commit]', 'release the newest commit, or this one'],
  ['/bake status [service]', 'what is live where, and what is under way'],
  ['/bake history <service>', 'the last releases and where they got to'],
  ['/bake log <service> <version> [stage]', 'the last lines of a log'],
  ['/bake deploy <service> <version> <environment>', 'put a release in good standing somewhere'],
  ['/bake cancel <service> [version]', 'stop what has not taken traffic yet'],
  ['/bake retire <service> [environment]', 'end the old release that runs beside the new one'],
  ['/rollback <service> [version] [environment]', 'bring an earlier release back, from its own image'],
  ['/bake help', 'this'],
];

/** Every word with one line. */
export function help(services: string[]): Drawn {
  const lines = words.map(([usage, what]) => `\`${escaped(usage)}\`\n${what}`);
  const known =
    services.length === 0
      ? 'No services are configured yet.'
      : `Services: ${escaped(services.slice(0, 50).join(', '))}`;
  return drawn(
    'How to use Bakery: /bake <service> releases, /rollback <service> goes back.'.replace(/[<>]/g, (sign) =>
      escaped(sign),
    ),
    [header('Bakery: what you can say'), section(lines.join('\n')), section(known)],
  );
}
