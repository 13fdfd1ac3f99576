import { deploymentStages } from '../pipeline/domain/deployment.ts';
import { isRef } from '../pipeline/domain/ref.ts';
import { releaseStages } from '../pipeline/domain/release.ts';
import { nearest } from './nearest.ts';

/** What a person asked for with `/bake` or `/rollback`. */
export type Command =
  | { is: 'bake'; service: string; ref?: string }
  | { is: 'status'; service?: string }
  | { is: 'history'; service: string }
  | { is: 'log'; service: string; version: number; stage?: string }
  | { is: 'deploy'; service: string; version: number; environment: string }
  | { is: 'cancel'; service: string; version?: number }
  | { is: 'retire'; service: string; environment?: string }
  | { is: 'roll back'; service: string; version?: number; environment?: string }
  | { is: 'help' };

/** A line that is no command: what to say to the person. */
export interface NotUnderstood {
  sentence: string;
}

/** The services and their environments, lowest rung first. */
export type Known = ReadonlyMap<string, readonly string[]>;

export const isNotUnderstood = (parsed: Command | NotUnderstood): parsed is NotUnderstood =>
  'sentence' in parsed;

/** The words of the grammar: no service may be named so. */
export const reservedWords = ['status', 'history', 'log', 'deploy', 'cancel', 'retire', 'help'] as const;
type Word = (typeof reservedWords)[number];

const usages: Record<Word | 'bake' | 'rollback', string> = {
  bake: '/bake <service> [branch, tag or commit]',
  status: '/bake status [service]',
  history: '/bake history <service>',
  log: '/bake log <service> <version> [stage]',
  deploy: '/bake deploy <service> <version> <environment>',
  cancel: '/bake cancel <service> [version]',
  retire: '/bake retire <service> [environment]',
  help: '/bake help',
  rollback: '/rollback <service> [version] [environment]',
};

/** Thrown inside this file only: carries the sentence up to `parse`. */
class Stop extends Error {}

/** Understands one line. Never throws: what is no command comes back as a sentence that says what would be. */
export function parse(slash: '/bake' | '/rollback', text: string, known: Known): Command | NotUnderstood {
  try {
    const words = split(text);
    return slash === '/bake' ? bake(words, known) : rollBack(words, known);
  } catch (error) {
    if (error instanceof Stop) return { sentence: error.message };
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

function bake(words: string[], known: Known): Command {
  const [first, ...rest] = words;
  if (first === undefined) return { is: 'help' };
  const word = reservedWords.find((one) => one === first.toLowerCase());
  if (word === undefined) return release(first, rest, known);
  return byWord[word](rest, known);
}

function release(first: string, rest: string[], known: Known): Command {
  if (!known.has(first)) throw unknownFirst(first, known);
  const [ref, ...more] = rest;
  tooMany(more, 'bake');
  if (ref === undefined) return { is: 'bake', service: first };
  if (!isRef(ref)) {
    throw new Stop(`${quote(ref)} is not a name that Git takes for a branch, a tag or a commit.`);
  }
  return { is: 'bake', service: first, ref };
}

const byWord: Record<Word, (rest: string[], known: Known) => Command> = {
  help: () => ({ is: 'help' }),
  status([name, ...more], known) {
    tooMany(more, 'status');
    return name === undefined ? { is: 'status' } : { is: 'status', service: service(name, known, 'status') };
  },
  history([name, ...more], known) {
    tooMany(more, 'history');
    return { is: 'history', service: service(name, known, 'history') };
  },
  log([name, number, stage, ...more], known) {
    tooMany(more, 'log');
    return {
      is: 'log',
      service: service(name, known, 'log'),
      version: version(number, 'log'),
      ...(stage === undefined
        ? {}
        : { stage: oneOf(stage, [...releaseStages, ...deploymentStages], 'stage') }),
    };
  },
  deploy([name, number, where, ...more], known) {
    tooMany(more, 'deploy');
    const named = service(name, known, 'deploy');
    const which = version(number, 'deploy');
    const environments = known.get(named) ?? [];
    if (where === undefined) {
      throw new Stop(`Where to? Its environments are ${list(environments)}. ${usage('deploy')}`);
    }
    return {
      is: 'deploy',
      service: named,
      version: which,
      environment: oneOf(where, environments, 'environment'),
    };
  },
  cancel([name, number, ...more], known) {
    tooMany(more, 'cancel');
    return {
      is: 'cancel',
      service: service(name, known, 'cancel'),
      ...(number === undefined ? {} : { version: version(number, 'cancel') }),
    };
  },
  retire([name, where, ...more], known) {
    tooMany(more, 'retire');
    const named = service(name, known, 'retire');
    return {
      is: 'retire',
      service: named,
      ...(where === undefined ? {} : { environment: oneOf(where, known.get(named) ?? [], 'environment') }),
    };
  },
};

function rollBack([name, number, where, ...more]: string[], known: Known): Command {
  tooMany(more, 'rollback');
  const named = service(name, known, 'rollback');
  const environments = known.get(named) ?? [];
  return {
    is: 'roll back',
    service: named,
    ...(number === undefined ? {} : { version: version(number, 'rollback') }),
    ...(where === undefined ? {} : { environment: oneOf(where, environments, 'environment') }),
  };
}

function service(name: string | undefined, known: Known, word: keyof typeof usages): string {
  if (name === undefined)
    throw new Stop(
      `Which service? ${known.size === 0 ? '' : `Bakery knows ${list([...known.keys()])}. `}${usage(word)}`,
    );
  return oneOf(name, [...known.keys()], 'service');
}

/** `v42` or `42`; undefined when the text is neither. */
export function asVersion(text: string): number | undefined {
  return /^v?[1-9]\d{0,8}$/i.test(text) ? Number(text.replace(/^v/i, '')) : undefined;
}

function version(text: string | undefined, word: keyof typeof usages): number {
  if (text === undefined) throw new Stop(`Which version? ${usage(word)}`);
  const number = asVersion(text);
  if (number === undefined) {
    throw new Stop(`${quote(text)} is not a version: say it like \`v42\`. ${usage(word)}`);
  }
  return number;
}

function oneOf(text: string, choices: readonly string[], what: string): string {
  if (choices.includes(text)) return text;
  const lower = choices.find((one) => one === text.toLowerCase());
  if (lower !== undefined) return lower;
  const near = nearest(text, choices);
  const hint =
    near === undefined
      ? ` ${choices.length === 0 ? `There is no ${what} yet.` : `Known: ${list(choices)}.`}`
      : ` Did you mean \`${near}\`?`;
  throw new Stop(`There is no ${what} ${quote(text)}.${hint}`);
}

function unknownFirst(first: string, known: Known): Stop {
  const near = nearest(first, [...known.keys(), ...reservedWords]);
  const hint =
    near === undefined
      ? `Bakery knows ${list([...known.keys()])}; \`/bake help\` shows the words.`
      : `Did you mean \`/bake ${near}\`?`;
  return new Stop(`${quote(first)} is neither a service nor a word that Bakery knows. ${hint}`);
}

function tooMany(more: string[], word: keyof typeof usages): void {
  if (more.length > 0) throw new Stop(`${quote(more.join(' '))} is too much. ${usage(word)}`);
}

const usage = (word: keyof typeof usages): string => `Say \`${usages[word]}\`.`;

const quote = (text: string): string => `“${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`;

function list(names: readonly string[]): string {
  if (names.length === 0) return 'no service';
  const shown = names.slice(0, 12).map((name) => `\`${name}\``);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
