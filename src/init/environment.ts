import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';

/** A variable as a repository's files name it, with the example that they give; that is looked at and never written. */
export interface Named {
  name: string;
  example?: string;
}

const examples = ['.env.example', '.env.sample', '.env.template', '.env.dist', 'env.example'];
const composeFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const variable = /^[A-Z][A-Z0-9_]{1,63}$/;

/** The variables that a repository's own examples of its settings name: of `.env.example`, its Dockerfile and its compose file. */
export function namedVariables(folder: string): Named[] {
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  const found = [
    ...examples.flatMap((name) => ofLines(read(name))),
    ...ofDockerfile(read('Dockerfile')),
    ...composeFiles.flatMap((name) => ofCompose(read(name))),
  ];
  return found.filter(({ name }) => variable.test(name));
}

/** `NAME=value`, with or without `export` and quotes. */
const ofLines = (text: string): Named[] =>
  text.split('\n').flatMap((line) => {
    const [, name, example] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*["']?(.*?)["']?\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [named(name, example)];
  });

/** `ENV NAME=value OTHER=value`, over several lines too, and `ENV NAME value`. */
function ofDockerfile(text: string): Named[] {
  const lines = text.replace(/\\\r?\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const [, rest] = /^\s*ENV\s+(.+)$/i.exec(line) ?? [];
    if (rest === undefined) return [];
    const pairs = [...rest.matchAll(/([A-Za-z_]\w*)=("[^"]*"|'[^']*'|\S*)/g)];
    if (pairs.length > 0)
      return pairs.map(([, name = '', value = '']) => named(name, value.replace(/^["']|["']$/g, '')));
    const [name = '', ...value] = rest.trim().split(/\s+/);
    return [named(name, value.join(' '))];
  });
}

const entry = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const compose = z.object({
  services: z.record(
    z.string(),
    z.object({
      /** Only what is built here is the repository's own; a database has variables that are none of its. */
      build: z.unknown().optional(),
      environment: z.union([z.record(z.string(), entry), z.array(z.string())]).optional(),
    }),
  ),
});

function ofCompose(text: string): Named[] {
  const read = compose.safeParse(yamlOf(text));
  if (!read.success) return [];
  return Object.values(read.data.services)
    .filter(({ build }) => build !== undefined)
    .flatMap(({ environment = {} }) =>
      Array.isArray(environment)
        ? environment.map((line) => named(line.split('=')[0] ?? '', line.split('=').slice(1).join('=')))
        : Object.entries(environment).map(([name, value]) => named(name, String(value ?? ''))),
    );
}

function yamlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const named = (name: string, example = ''): Named => (example === '' ? { name } : { name, example });
