import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

/** Nothing from elsewhere is loaded, and no other site may frame the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A file of the page and the headers it goes with. */
export interface PageFile {
  readonly body: Buffer | string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The built page's file for a path, undefined when the page has no such file. */
export function pageFile(path: string): PageFile | undefined {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) return undefined;
  const headers = { 'content-type': type, 'cache-control': 'no-cache', 'content-security-policy': POLICY };
  const file = builtFile(name);
  if (file !== undefined) return { body: readFileSync(file), headers };
  if (name !== 'index.html') return undefined;
  const words =
    'The page is not built. Run "node scripts/build-page.mjs" and reload; the Slack API works without it.';
  return { body: `<!doctype html><title>Slack simulator</title><p>${words}</p>`, headers };
}

function builtFile(name: string): string | undefined {
  // Beside the compiled file in dist/, or in dist/ of the repository when this runs from source.
  const places = [`./page/${name}`, `../../dist/slack-simulator/page/${name}`];
  return places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((file) => existsSync(file));
}
