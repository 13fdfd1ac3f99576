/** Runs commands one after the other and says on `out` which one it is at; the exit code of the first that fails, else 0. */
export function runSteps(
  what: string,
  steps: { does: string; argv: string[] }[],
  where?: { cwd?: string; out?: { isTTY: boolean; write(text: string): boolean }; now?: () => number },
): Promise<number>;
