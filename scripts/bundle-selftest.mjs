// Bundles the process that the selftest kills and starts again into one file: Node.js loads it in a third of the time
// that the several hundred modules take, and a schedule starts it a dozen times.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

await build({
  entryPoints: [`${dist}selftest/processes/part.js`],
  // As deep as the ledger's own files: they look for their migrations beside dist.
  outfile: `${dist}selftest/part.js`,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // What has binaries of its own stays where it is.
  external: ['better-sqlite3', '@electric-sql/pglite', 'pg-native'],
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  logLevel: 'error',
});
