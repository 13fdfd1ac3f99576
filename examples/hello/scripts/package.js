import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Packs what runs in production, and nothing else, into a tar whose bytes depend on nothing but the commit. */
const files = [
  'package.json',
  'server.js',
  'store.js',
  'version.txt',
  ...readdirSync('lib').map((name) => `lib/${name}`),
];
const mtime = Number(process.env.SOURCE_DATE_EPOCH ?? 0);

const octal = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`;

const header = (name, size) => {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(mtime, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

const entry = (name) => {
  const bytes = readFileSync(name);
  return [header(name, bytes.length), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
};

const tar = Buffer.concat([...files.sort().flatMap(entry), Buffer.alloc(1024)]);
mkdirSync('out', { recursive: true });
writeFileSync('out/hello.tar', tar);
console.log(`out/hello.tar: ${files.length} files, ${tar.length} bytes`);
