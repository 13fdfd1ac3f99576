import type { Slash, Understood, Word } from './commands/word.ts';
import { nearest } from './nearest.ts';
import { type Known, type KnownGroups, list, NotRead, quote, Reader } from './reader.ts';

export type { Known, KnownGroups } from './reader.ts';

/** A line that is no command: what to say to the person. */
export interface NotUnderstood {
  sentence: string;
}

export const isNotUnderstood = (parsed: Understood | NotUnderstood): parsed is NotUnderstood =>
  'sentence' in parsed;

/** The commands, and those of them that a line means which names none. */
export interface Vocabulary {
  words: readonly Word[];
  /** `/bake` alone. */
  alone: Word;
  /** `/bake <service> …` */
  service: Word;
  /** `/rollback …` */
  rollback: Word;
}

/** Understands one line. Never throws: what is no command comes back as a sentence that says what would be. */
export function parse(
  slash: Slash,
  text: string,
  known: Known,
  vocabulary: Vocabulary,
  groups: KnownGroups = new Map(),
): Understood | NotUnderstood {
  const [first, ...rest] = split(text);
  const read = (one: Word, words: string[]): Understood =>
    one.understand(new Reader(words, known, one.usage, groups));
  try {
    if (slash === '/rollback') return read(vocabulary.rollback, first === undefined ? [] : [first, ...rest]);
    if (first === undefined) return read(vocabulary.alone, []);
    const found = vocabulary.words.find(({ name }) => name === first.toLowerCase());
    if (found !== undefined) return read(found, rest);
    if (known.has(first) || groups.has(first)) return read(vocabulary.service, [first, ...rest]);
    throw unknownFirst(first, [...known.keys(), ...groups.keys()], vocabulary);
  } catch (error) {
    if (error instanceof NotRead) return { sentence: error.message };
    throw error;
  }
}

/** Splits at white space; quotes and backticks around a word are typing habits, not part of a name. */
function split(text: string): string[] {
  return text
    .split(/\s+/u)
    .map((word) => word.replace(/^[`"'“”‘’]+|[`"'“”‘’]+$/gu, ''))
    .filter((word) => word !== '');
}

function unknownFirst(first: string, names: readonly string[], { words }: Vocabulary): NotRead {
  const near = nearest(first, [...names, ...words.map(({ name }) => name)]);
  const hint =
    near === undefined
      ? `Bakery knows ${list(names)}; \`/bake help\` shows the words.`
      : `Did you mean \`/bake ${near}\`?`;
  return new NotRead(`${quote(first)} is neither a service nor a word that Bakery knows. ${hint}`);
}
