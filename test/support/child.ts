import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { eventually as until } from './eventually.ts';
import { rpc } from './rpc.ts';

/** As deep below the project as a file of src/ledger, so that it finds the migrations as that does. */
const bundles = fileURLToPath(new URL('../../.rigs/children', import.meta.url));
const running = new Set<ChildProcess>();

export interface Child {
  /** Waits for a line that contains the text. */
  says(text: string, ms: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Asks it something; see rpc. */
  ask(what: string, given?: unknown): Promise<unknown>;
  readonly pid: number;
  /** With -9, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a TypeScript file of the tests as a process of its own, with one JSON argument. */
export async function startChild(
  file: URL,
  argument: unknown,
  handlers: Record<string, (given: never) => unknown> = {},
): Promise<Child> {
  mkdirSync(bundles, { recursive: true });
  const outfile = `${bundles}/${process.pid}-${Math.random().toString(36).slice(2)}.mjs`;
  await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'error',
  });
  const child = spawn(process.execPath, [outfile, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  child.on('error', () => {});
  const ask = rpc(child, handlers);
  let output = '';
  child.stdout?.on('data', (data) => (output += data));
  child.stderr?.on('data', (data) => (output += data));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void gone.then(() => {
    running.delete(child);
    rmSync(outfile, { force: true });
  });
  return {
    says: (text, ms) =>
      until(`"${text}" from the child`, ms, () =>
        output.split('\n').find((line) => line.includes(text)),
      ).catch((e) => {
        throw new Error(`${e.message}; it said:\n${output}`);
      }),
    signal: (signal) => void child.kill(signal),
    ask,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Ends whatever a failed test left behind. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}
