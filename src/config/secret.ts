import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import * as z from 'zod';
import { ProviderError } from '../pipeline/provider.ts';
import { looksLikeSecret } from './secret-look.ts';

/** A value that is never shown: as text, as JSON and when inspected it prints as `[secret]`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself, at the one place where it is used. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

const pattern =
  /^(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:\/[^\p{Cc}]{1,1000}|aws-secret:[A-Za-z0-9/_+=.@:-]{1,2048}(?:#[^\p{Cc}#]{1,256})?|aws-ssm:[A-Za-z0-9/_.-]{1,1011})$/u;

/** A reference to a secret, never the secret: what is refused is not repeated. */
export const secretReference = z.string({ error: referenceError('is no reference') }).regex(pattern, {
  error: (issue) =>
    referenceError(looksLikeSecret(String(issue.input)) ? 'looks like a secret itself' : 'is no reference'),
});

function referenceError(what: string): string {
  return `${what}: write \`env:NAME\`, \`file:/path\`, \`aws-secret:NAME\` or \`aws-ssm:NAME\`, and keep the value there.`;
}

/**
 * Reads a secret by its reference: `env:NAME` of this process, or `file:/path` without its last line feed.
 * Throws ProviderError `bad settings`, which names the reference and never the value.
 */
export async function readSecret(
  reference: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (!pattern.test(reference))
    throw new ProviderError(
      'bad settings',
      'A secret reference is none of env:NAME, file:/path, aws-secret:NAME and aws-ssm:NAME; nothing was read; correct the configuration.',
    );
  // The SDKs are loaded only where something stands in AWS.
  if (reference.startsWith('aws-')) return (await import('./aws-secret.ts')).readAwsSecret(reference);
  const value = reference.startsWith('env:') ? env[reference.slice(4)] : await read(reference);
  if (value === undefined || value === '')
    throw new ProviderError(
      'bad settings',
      `The secret ${reference} is not there or is empty; nothing was begun with it; set it where this process runs.`,
    );
  return value;
}

async function read(reference: string): Promise<string> {
  try {
    return (await readFile(reference.slice('file:'.length), 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ProviderError(
      'bad settings',
      `The secret ${reference} cannot be read; nothing was begun with it; check the file and its rights.`,
      { cause },
    );
  }
}
