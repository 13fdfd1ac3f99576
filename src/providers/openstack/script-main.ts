import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../../pipeline/provider.ts';
import { openStackProvider } from './index.ts';
import type { Told } from './script.ts';

/** Milliseconds that it may take. */
const longest = 600_000;

/** The program of `launchScript`: starts the instance of a mark, or finds it, and writes its id and address. */
const [text] = process.argv.slice(2);
if (text === undefined) throw new Error('usage: script-main.js <order>');
// Written by `launchScript` of this version.
await run(JSON.parse(text) as Told).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

async function run({ provider: name, settings, order }: Told): Promise<void> {
  const { image, spec, variables, files = [], mark } = order;
  const provider = openStackProvider(name, {
    ...settings,
    now: Date.now,
    keep: () => Promise.reject(new Error('nothing is baked here')),
  });
  const given = (names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((variable) => [variable, process.env[variable] ?? '']));
  const call: Call = { signal: AbortSignal.timeout(longest), ensureTime: () => {}, log: console.error };
  const launch = {
    image,
    spec: { ...spec, health: { path: '/', within: longest }, settings: {} },
    environment: given(variables.filter((variable) => !files.includes(variable))),
    files: given(files),
    mark,
  };
  for (;;) {
    await provider.launch(launch, call);
    const made = (await provider.list(mark.owner, call)).find(
      (one) =>
        one.what === 'instance' &&
        one.mark.effect === mark.effect &&
        one.mark.generation === mark.generation &&
        one.instance !== undefined,
    );
    if (made?.instance !== undefined) {
      console.log(`${made.id} ${made.instance.address}`);
      process.exit(0);
    }
    await pause(500);
  }
}
