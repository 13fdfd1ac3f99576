import type { TextRef } from '../domain/time.ts';
import type { Loaded, Named } from '../ledger.ts';
import type { EngineParts } from './parts.ts';

const asItIs = (text: string): string => text;

/** Facts whose texts are known by the digest of what is kept of them: without the secrets that this process knows. */
export async function loadClean(
  { ledger, redact = asItIs }: Pick<EngineParts, 'ledger' | 'redact'>,
  service: string,
  named: Named,
): Promise<Loaded> {
  const { facts, versions } = await ledger.load(service, named);
  return { versions, facts: { ...facts, textRef: (words) => facts.textRef(redact(words)) } };
}

/** What is kept of people's and commands' words. */
export const withoutSecrets = (
  { redact = asItIs }: Pick<EngineParts, 'redact'>,
  texts: Record<TextRef, string>,
): Record<TextRef, string> =>
  Object.fromEntries(Object.entries(texts).map(([ref, words]) => [ref, redact(words)]));
