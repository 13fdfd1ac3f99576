// Bundles the Slack simulator's page into dist/slack-simulator/page, ready to be served.
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const from = `${root}src/slack-simulator/page`;
const to = `${root}dist/slack-simulator/page`;

await mkdir(to, { recursive: true });
await build({
  entryPoints: { page: `${from}/main.tsx` },
  outdir: to,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  jsx: 'automatic',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});
await copyFile(`${from}/index.html`, `${to}/index.html`);
