import { isRef } from '../pipeline/domain/ref.ts';
import { nearest } from './nearest.ts';

/** Shorter words of a reason are too often near a name. */
const shortest = 5;

/** The services and their environments, lowest rung first. */
export type Known = ReadonlyMap<string, readonly string[]>;

/** Groups of services: which there are in each, and where they go together. */
export type KnownGroups = ReadonlyMap<
  string,
  { services: readonly string[]; environments: readonly string[] }
>;

/** Thrown while a line is read: carries the sentence for the person up to `parse`. */
export class NotRead extends Error {}

/**
 * Takes a line apart word by word, for the command that it began with. Every method takes the next word, or throws
 * {@link NotRead} with a sentence that says what was expected, what was meant perhaps, and the usage.
 */
export class Reader {
  readonly #words: string[];
  readonly #known: Known;
  readonly #usage: string;
  readonly #groups: KnownGroups;
  /** Whether the command may be about a group of services, and whether the line named one. */
  takesGroups = false;
  isOfGroup = false;

  constructor(words: readonly string[], known: Known, usage: string, groups: KnownGroups = new Map()) {
    this.#words = [...words];
    this.#known = known;
    this.#usage = usage;
    this.#groups = groups;
  }

  get #say(): string {
    return `Say \`${this.#usage}\`.`;
  }

  /** Whether another word follows. */
  get more(): boolean {
    return this.#words.length > 0;
  }

  service(): string {
    const name = this.#words.shift();
    const names = [...this.#known.keys(), ...(this.takesGroups ? this.#groups.keys() : [])];
    if (name === undefined) {
      const there = names.length === 0 ? '' : `Bakery knows ${list(names)}. `;
      throw new NotRead(`Which service? ${there}${this.#say}`);
    }
    if (this.#groups.has(name.toLowerCase())) return this.#group(name.toLowerCase());
    return oneOf(name, names, 'service');
  }

  #group(name: string): string {
    if (!this.takesGroups)
      throw new NotRead(
        `${quote(name)} is a group of services (${list(this.#groups.get(name)?.services ?? [])}), and this is for one of them. ${this.#say}`,
      );
    this.isOfGroup = true;
    return name;
  }

  /** A service, or `all`. */
  serviceOrAll(): string {
    if (this.#words[0]?.toLowerCase() !== 'all') return this.service();
    this.#words.shift();
    return 'all';
  }

  optionalService(): string | undefined {
    return this.more ? this.service() : undefined;
  }

  version(): number {
    const text = this.#words.shift();
    if (text === undefined) throw new NotRead(`Which version? ${this.#say}`);
    const number = asVersion(text);
    if (number !== undefined) return number;
    const meant = meantVersion(text);
    const hint = meant === undefined ? ': say it like `v42`.' : `. Did you mean \`v${meant}\`?`;
    throw new NotRead(`${quote(text)} is not a version${hint} ${this.#say}`);
  }

  optionalVersion(): number | undefined {
    return this.more ? this.version() : undefined;
  }

  /** The next word when it reads like a version; else nothing is taken. */
  versionIfThere(): number | undefined {
    return asVersion(this.#words[0] ?? '') === undefined ? undefined : this.version();
  }

  /** An environment of the service. Never a default: without a word the sentence lists what there is. */
  environment(service: string): string {
    const name = this.#words.shift();
    const there = this.#environmentsOf(service);
    if (name === undefined) throw new NotRead(`Where to? Its environments are ${list(there)}. ${this.#say}`);
    this.#goesThere(service, name);
    return oneOf(name, there, 'environment');
  }

  #environmentsOf(name: string): readonly string[] {
    return this.#known.get(name) ?? this.#groups.get(name)?.environments ?? [];
  }

  /** Where a group does not go together, its services go each on its own. */
  #goesThere(name: string, environment: string): void {
    const { services = [], environments = [] } = this.#groups.get(name) ?? {};
    const alone = services.filter((one) => this.#known.get(one)?.includes(environment));
    if (environments.includes(environment) || alone.length === 0) return;
    throw new NotRead(
      `${quote(name)} goes together to ${list(environments)} only; to \`${environment}\` each of its services goes on its own: ${list(alone)}.`,
    );
  }

  optionalEnvironment(service: string): string | undefined {
    return this.more ? this.environment(service) : undefined;
  }

  /**
   * The next word when it is an environment of the service; else nothing is taken. One that is nearly one is asked
   * about: as the first word of a reason it would mean all of them.
   */
  environmentIfThere(service: string): string | undefined {
    const there = this.#environmentsOf(service);
    const word = this.#words[0]?.toLowerCase() ?? '';
    if (there.includes(word)) {
      this.#words.shift();
      return word;
    }
    const meant = word.length < shortest ? undefined : nearest(word, there);
    if (meant === undefined) return undefined;
    throw new NotRead(`There is no environment ${quote(word)}. Did you mean \`${meant}\`? ${this.#say}`);
  }

  optionalRef(): string | undefined {
    const ref = this.#words.shift();
    if (ref === undefined || isRef(ref)) return ref;
    throw new NotRead(`${quote(ref)} is not a name that Git takes for a branch, a tag or a commit.`);
  }

  /** One of a closed list of words. */
  optionalOneOf<Choice extends string>(choices: readonly Choice[], what: string): Choice | undefined {
    const word = this.#words.shift();
    return word === undefined ? undefined : oneOf(word, choices, what);
  }

  /** True, and taken, when the next word is this one. */
  flag(word: string): boolean {
    if (this.#words[0]?.toLowerCase() !== word) return false;
    this.#words.shift();
    return true;
  }

  /** All that is left, as people wrote it; empty when nothing is. */
  words(): string {
    return this.#words.splice(0).join(' ');
  }

  /** All that is left, which has to be there: `what` completes "Why? Give …". */
  text(what: string): string {
    const text = this.words();
    if (text === '') throw new NotRead(`${what} is missing. ${this.#say}`);
    return text;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.more) throw new NotRead(`${quote(this.words())} is too much. ${this.#say}`);
  }
}

/** `v42` or `42`; undefined when the text is neither. */
export function asVersion(text: string): number | undefined {
  return /^v?[1-9]\d{0,8}$/i.test(text) ? Number(text.replace(/^v/i, '')) : undefined;
}

/** The version that was most likely meant: letters that look like digits are taken for them, other signs for slips. */
function meantVersion(text: string): number | undefined {
  const digits = text
    .slice(0, 20)
    .replace(/^[\W_]*v(?:ersion)?/i, '')
    .replace(/[oO]/g, '0')
    .replace(/[lI|]/g, '1');
  return /\d/.test(text) ? asVersion(digits.replace(/[^0-9]/g, '')) : undefined;
}

function oneOf<Choice extends string>(text: string, choices: readonly Choice[], what: string): Choice {
  const found = choices.find((one) => one === text) ?? choices.find((one) => one === text.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(text, choices);
  const hint =
    near === undefined
      ? ` ${choices.length === 0 ? `There is no ${what} yet.` : `Known: ${list(choices)}.`}`
      : ` Did you mean \`${near}\`?`;
  throw new NotRead(`There is no ${what} ${quote(text)}.${hint}`);
}

export const quote = (text: string): string => `“${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`;

export function list(names: readonly string[]): string {
  if (names.length === 0) return 'no service';
  const shown = names.slice(0, 12).map((name) => `\`${name}\``);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
