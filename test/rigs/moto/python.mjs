import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A Python that has moto: the machine's own, or one in a virtual environment in this folder. */
export function python(folder) {
  if (spawnSync('python3', ['-c', 'import moto.server']).status === 0) return 'python3';
  const venv = join(folder, 'venv');
  for (const [program, args] of [
    ['python3', ['-m', 'venv', venv]],
    [join(venv, 'bin', 'pip'), ['install', '--quiet', 'moto[server]==5.2.1']],
  ]) {
    const { status } = spawnSync(program, args, { stdio: 'inherit' });
    if (status !== 0)
      throw new Error(`moto cannot be installed: ${program} ${args.join(' ')} ended with ${status}`);
  }
  const made = join(venv, 'bin', 'python3');
  if (!existsSync(made)) throw new Error('moto cannot be installed: the virtual environment has no python3');
  return made;
}
