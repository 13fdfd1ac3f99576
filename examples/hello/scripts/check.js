import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';

/** The "compiler": fails on a syntax error in any file that will be shipped. */
const files = ['server.js', 'store.js', ...readdirSync('lib').map((name) => `lib/${name}`)];
const codes = await Promise.all(
  files.map(async (file) => {
    const [code] = await once(spawn(process.execPath, ['--check', file], { stdio: 'inherit' }), 'exit');
    console.log(`${code === 0 ? 'ok' : 'not ok'}: ${file}`);
    return code;
  }),
);
process.exit(codes.every((code) => code === 0) ? 0 : 1);
