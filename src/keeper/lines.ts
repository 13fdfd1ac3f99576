import { stripVTControlCharacters } from 'node:util';

/** Longer lines are cut here: one line of output can be a whole minified file. */
export const longestLine = 2_000;
const keptLines = 40;

/** Without colours and carriage returns, and cut to {@link longestLine}. */
export const tidyLine = (line: string): string =>
  stripVTControlCharacters(line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, longestLine);

/** Turns a stream of text into bounded lines, whatever comes: no newline at all holds no more than one line. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #open = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Hands out what came after the last newline. */
  end(): void {
    if (this.#open !== '') this.#onLine(tidyLine(this.#open));
    this.#open = '';
  }

  text(text: string): void {
    const parts = text.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      this.#onLine(tidyLine(this.#open + part));
      this.#open = '';
    }
    // Twice the length, so that colours that will be stripped do not eat the line.
    if (this.#open.length < 2 * longestLine) this.#open += last.slice(0, 2 * longestLine);
  }
}

/** The last lines of an output, for the card of a failure. */
export class LastLines {
  readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > keptLines) this.lines.shift();
  }
}
