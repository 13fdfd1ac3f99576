import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type * as z from 'zod';
import type { Problem } from './problem.ts';
import { issueSentence } from './sentence.ts';

/** Larger files are refused unread. */
const longest = 256 * 1024;

/** A file that was read and fits its schema, with the lines of its keys for later checks. */
export interface Read<Value> {
  ok: true;
  value: Value;
  /** The line of the key or item at this path, or of the nearest one above it. */
  line(path: readonly PropertyKey[]): number;
}

export type Reading<Value> = Read<Value> | { ok: false; problems: Problem[] };

/** Reads YAML and checks it against the schema. Never throws for what stands in the text; tells all problems. */
export function readDocument<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): Reading<z.output<Schema>> {
  if (text.length > longest)
    return bad(file, [{ line: 1, sentence: 'The file is larger than 256 KiB; it must be smaller.' }]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  if (document.errors.length > 0)
    return bad(
      file,
      document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        sentence: `This is not valid YAML (${withoutQuote(error.message)}); correct the line.`,
      })),
    );
  const plain = toPlain(() => document.toJS({ maxAliasCount: 50 }));
  if (plain === undefined)
    return bad(file, [
      { line: 1, sentence: 'An alias in this file cannot be resolved; write the value out.' },
    ]);
  const line = (path: readonly PropertyKey[]) => lineAt(document.contents, path, lines);
  const checked = schema.safeParse(plain.value, { reportInput: true });
  if (checked.success) return { ok: true, value: checked.data, line };
  const problems = checked.error.issues.flatMap((issue) =>
    issueSentence(issue).map(({ path, sentence }) => ({ line: line(path), sentence })),
  );
  return bad(file, problems);
}

function bad(
  file: string,
  problems: { line: number; sentence: string }[],
): { ok: false; problems: Problem[] } {
  const told = problems.map((problem) => ({ file, ...problem }));
  return { ok: false, problems: told.sort((a, b) => a.line - b.line) };
}

/** What YAML complains of, without the text that it may quote after a colon: it could be a secret. */
const withoutQuote = (text: string): string =>
  (text.split(/[:\n]/)[0] ?? '').slice(0, 200).replace(/\.$/, '');

function toPlain(read: () => unknown): { value: unknown } | undefined {
  try {
    return { value: read() };
  } catch {
    return undefined;
  }
}

/** Walks as far as the path leads and remembers the last key or item that was there. */
function lineAt(root: Node | null, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyName(key) === String(step));
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return lines.linePos(offset).line || 1;
}

const keyName = (key: unknown): string => String(isScalar(key) ? key.value : key);

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) ? Number(node.range[0]) : undefined;
}
