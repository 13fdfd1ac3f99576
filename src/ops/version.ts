import { readFileSync } from 'node:fs';

/** The version of this Bakery, as its package.json says it. */
export function bakeryVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

/** The oldest Node.js that runs Bakery, as `engines` of package.json says it: `20.12`. */
export function oldestNode(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { engines }: { engines: { node: string } } = JSON.parse(text);
  return engines.node.replace(/^[^0-9]*/, '');
}
