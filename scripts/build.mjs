// Builds Bakery into dist/ and says meanwhile what it does: the first time takes half a minute, which is long for silence.
import { fileURLToPath } from 'node:url';
import { runSteps } from './steps.mjs';

const node = (...argv) => [process.execPath, ...argv];

process.exitCode = await runSteps(
  'Building Bakery',
  [
    {
      does: 'compiling its sources (half a minute the first time, a few seconds after that)',
      argv: node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'),
    },
    { does: "bundling the simulated Slack's page", argv: node('scripts/build-page.mjs') },
    { does: 'bundling the self-test', argv: node('scripts/bundle-selftest.mjs') },
  ],
  { cwd: fileURLToPath(new URL('..', import.meta.url)) },
);
