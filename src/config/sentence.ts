import type * as z from 'zod';
import { nearest } from './nearest.ts';

/** What is wrong, in one sentence, and where. */
export interface Told {
  path: PropertyKey[];
  sentence: string;
}

/**
 * An issue of zod as sentences: one per unknown key, else one. A schema's own message is taken as it is; values
 * are never repeated, since one of them may be a secret in the wrong place.
 */
export function issueSentence(issue: z.core.$ZodIssue): Told[] {
  const path = [...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const sentences = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...path, key], sentence: sentences[index] ?? '' }));
  }
  const inner = innerIssues(issue);
  if (inner !== undefined)
    return inner.flatMap((one) => issueSentence({ ...one, path: [...path, ...one.path] }));
  const name = path.length === 0 ? 'The file' : `\`${path.map(String).join('.')}\``;
  if (issue.input === undefined && path.length > 0)
    return [{ path, sentence: `${name} is missing; add it.` }];
  if (issue.input === null || issue.input === undefined)
    return [{ path, sentence: `${name} is empty; give it a value.` }];
  return [{ path, sentence: `${name} ${complaint(issue)}` }];
}

/** Where one of several forms was meant, a map and not a word, that form's own complaints. */
function innerIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union' || own(issue) !== undefined) return undefined;
  if (typeof issue.input !== 'object' || issue.input === null) return undefined;
  return issue.errors.find((issues) =>
    issues.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
}

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, like [a, b]',
  object: 'a map of keys and values',
  record: 'a map of names and values',
};

function complaint(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_type':
      return own(issue) ?? `must be ${kinds[issue.expected] ?? issue.expected}${quoteHint(issue)}.`;
    case 'too_small':
      return own(issue) ?? `must be at least ${issue.minimum}${unitOf(issue.origin)}.`;
    case 'too_big':
      return own(issue) ?? `must be at most ${issue.maximum}${unitOf(issue.origin)}.`;
    case 'invalid_value':
      return own(issue) ?? oneOf(issue.values.map(String), issue.input);
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is not a name that can be used here.';
    default:
      return own(issue) ?? 'has a form that is not understood here; see the commented example.';
  }
}

/** The message when a schema wrote one itself: zod's own begin with `Invalid`, `Too` or `Unrecognized`. */
function own(issue: z.core.$ZodIssue): string | undefined {
  return /^(Invalid|Too (big|small)|Unrecognized)/.test(issue.message) ? undefined : issue.message;
}

function oneOf(values: string[], input: unknown): string {
  const meant = typeof input === 'string' ? nearest(input, values) : undefined;
  const list = values.map((value) => `\`${value}\``).join(', ');
  return meant === undefined
    ? `must be one of ${list}.`
    : `must be one of ${list}; did you mean \`${meant}\`?`;
}

const quoteHint = (issue: z.core.$ZodIssueInvalidType): string =>
  issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input)
    ? '; put it in quotes'
    : '';

const unitOf = (origin: string): string =>
  origin === 'string' ? ' characters' : origin === 'array' || origin === 'set' ? ' items' : '';
