/** Whether a text is a name that Git takes for a branch, a tag or a commit, and no option. */
export function isRef(text: string): boolean {
  if (text.length === 0 || text.length > 255) return false;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./+@#=-]*$/.test(text)) return false;
  return !/\.\.|\/\/|@\{|\.lock(\/|$)|[./]$|\/\./.test(text);
}
