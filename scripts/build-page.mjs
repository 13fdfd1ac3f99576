#!/usr/bin/env node
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Builds the simulator's page into dist/: one script and one style sheet, nothing from elsewhere. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const from = join(root, 'src/slack-simulator/page');
const to = join(root, 'dist/slack-simulator/page');

await build({
  entryPoints: [join(from, 'page.tsx')],
  outfile: join(to, 'page.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});
cpSync(join(from, 'index.html'), join(to, 'index.html'));
const drawn = readFileSync(join(root, 'node_modules/slack-blocks-to-jsx/dist/style.css'), 'utf8');
writeFileSync(join(to, 'page.css'), `${drawn}\n${readFileSync(join(from, 'page.css'), 'utf8')}`);
