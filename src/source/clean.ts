/** Words of a commit as they may be shown: no control or direction characters, at most 200 characters. */
export function clean(text: string): string {
  const visible = text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ').trim();
  return [...visible].slice(0, 200).join('');
}
