const forbiddenCharacter = /[\p{Cc}\s~^:?*[\\]/u;

/**
 * Whether a text may be the name of a branch or a tag, or a commit's id, by git's rules and without a leading
 * `-`, so that it can never be read as an option. Says nothing about whether it exists.
 */
export function isRef(text: string): boolean {
  if (text.length === 0 || text.length > 250 || text === '@') return false;
  if (text.startsWith('-') || text.endsWith('.')) return false;
  if (forbiddenCharacter.test(text) || text.includes('..') || text.includes('@{')) return false;
  return text.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Whether a ref could be a commit's id: 7 to 40 hexadecimal digits (64 in SHA-256 repositories). */
export const looksLikeSha = (ref: string): boolean => /^[0-9a-f]{7,64}$/i.test(ref);
