import { expect, it } from 'vitest';
import { runSteps } from '../../scripts/steps.mjs';

const step = (does: string, script: string) => ({ does, argv: [process.execPath, '-e', script] });

/** What is said while steps run, with the clock of the test. */
async function said(steps: { does: string; argv: string[] }[]) {
  const lines: string[] = [];
  let at = 0;
  const out = { isTTY: false, write: (text: string) => lines.push(text) > 0 };
  const now = () => {
    at += 1_500;
    return at;
  };
  const code = await runSteps('Building Bakery', steps, { out, now });
  return { code, text: lines.join('') };
}

it('each step of the build is said before it begins, with how long it took', async () => {
  expect(await said([step('compiling', ''), step('bundling', '')])).toEqual({
    code: 0,
    text: 'Building Bakery, 1 of 2: compiling … 1.5 s\nBuilding Bakery, 2 of 2: bundling … 1.5 s\n',
  });
});

it('a step of the build that fails shows its output, and nothing is begun after it', async () => {
  const { code, text } = await said([
    step('compiling', 'console.log("line 3: no such type"); process.exit(2)'),
    step('bundling', ''),
  ]);
  expect(code).toBe(2);
  expect(text).toContain('line 3: no such type');
  expect(text).toContain('This failed, so nothing was started');
  expect(text).not.toContain('bundling');
});
