import { execFileSync } from 'node:child_process';

/** What becomes of packets that this machine only forwards and no line speaks of: ACCEPT, or DROP. */
export function forwarding() {
  const lines = execFileSync('iptables', ['--wait', '--list-rules', 'FORWARD'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return /^-P FORWARD (\w+)$/m.exec(lines)?.[1] ?? 'ACCEPT';
}

/** An engine that turns forwarding on has all dropped that is not its own, and leaves it so. */
export const setForwarding = (what) => execFileSync('iptables', ['--wait', '--policy', 'FORWARD', what]);
