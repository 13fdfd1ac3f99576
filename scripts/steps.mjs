// Runs commands one after the other and says which one it is at, on stderr: stdout belongs to whoever comes after.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Stops at the first that fails, whose output was shown, and returns its exit code. Says each step before it begins, on a terminal
 * with the seconds that pass, and how long it took.
 */
export async function runSteps(what, steps, { cwd, out = process.stderr, now = Date.now } = {}) {
  for (const [index, { does, argv }] of steps.entries()) {
    const line = `${what}, ${index + 1} of ${steps.length}: ${does} …`;
    const began = now();
    out.write(line);
    const ticking = out.isTTY
      ? setInterval(() => out.write(`\r${line} ${Math.round((now() - began) / 1000)} s`), 1_000)
      : undefined;
    const [program, ...rest] = argv;
    const child = spawn(program, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    const [code] = await once(child, 'close');
    clearInterval(ticking);
    out.write(`${out.isTTY ? `\r${line}` : ''} ${((now() - began) / 1000).toFixed(1)} s\n`);
    if (code === 0) continue;
    out.write(`${Buffer.concat(said).toString()}\nThis failed, so nothing was started: ${argv.join(' ')}\n`);
    return code ?? 1;
  }
  return 0;
}
