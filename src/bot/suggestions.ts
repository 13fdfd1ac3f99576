import type { PlainTextOption } from '@slack/types';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Candidate } from './views/choices.ts';
import { elapsed } from './views/format.ts';
import { option } from './views/forms.ts';
import { candidatesOf } from './views/going-back.ts';

/** What selects offer while somebody types, out of memory. */
export interface Suggestions {
  services(typed: string): PlainTextOption[];
  /** Services, and groups of them. */
  releasable(typed: string): PlainTextOption[];
  /** What a service can go back to, newest first. Reads the ledger only the first time; it is read anew behind it. */
  versions(service: string, typed: string): Promise<PlainTextOption[]>;
}

/** How old an answer may be before it is read anew for the next one. */
const fresh: Millis = 1_000;
/** How many releases are looked through. */
const depth = 100;

/** Keeps what the selects of dialogs offer, so that an answer never waits for the ledger twice. */
export function createSuggestions({ query }: Pick<Pipeline, 'query'>, now: () => At): Suggestions {
  const known = new Map<string, { candidates: Promise<Candidate[]>; at: At }>();

  function read(service: string): Promise<Candidate[]> {
    const candidates = Promise.all([query.service(service), query.history(service, depth)]).then(
      ([view, history]) => (view === undefined ? [] : candidatesOf(view, history)),
    );
    candidates.then(
      () => known.set(service, { candidates, at: now() }),
      () => known.delete(service),
    );
    return candidates;
  }

  return {
    services: (typed) => fitting(query.services(), typed, (name) => [name, name]),
    releasable: (typed) =>
      fitting(
        [
          ...query.services().map((name) => ({ name, words: name })),
          ...query
            .groups()
            .map(({ group, services }) => ({ name: group, words: `${group} (${services.join(', ')})` })),
        ],
        typed,
        ({ name, words }) => [words, name],
      ),
    async versions(service, typed) {
      if (query.policy(service) === undefined) return [];
      const kept = known.get(service);
      if (kept !== undefined && now() - kept.at > fresh) {
        kept.at = now();
        void read(service).catch(() => {});
      }
      const candidates = await (kept?.candidates ?? read(service));
      return fitting(candidates, typed, (one) => [words(one), chosenValue(one)]);
    },
  };
}

const words = ({ version, environment, age, author, warm }: Candidate): string =>
  `v${version} in ${environment} · ${warm ? 'warm' : 'cold'} · ${elapsed(age)} ago · ${author}`;

/** What comes back when it is chosen: looked up and checked again then. */
const chosenValue = ({ version, environment }: Candidate): string => JSON.stringify({ version, environment });

/** Reads a chosen version; undefined when it is none of ours. */
export function chosenVersion(
  value: string | undefined,
): { version: number; environment: string } | undefined {
  try {
    const parts: unknown = JSON.parse(value ?? '');
    if (typeof parts !== 'object' || parts === null || !('version' in parts) || !('environment' in parts))
      return undefined;
    const { version, environment } = parts;
    return typeof version === 'number' && typeof environment === 'string'
      ? { version, environment }
      : undefined;
  } catch {
    return undefined;
  }
}

/** At most a hundred, as Slack takes them, whose words hold what was typed. */
function fitting<One>(
  all: readonly One[],
  typed: string,
  words: (one: One) => [text: string, value: string],
): PlainTextOption[] {
  const wanted = typed.trim().toLowerCase();
  const found: PlainTextOption[] = [];
  for (const one of all) {
    const [text, value] = words(one);
    if (text.toLowerCase().includes(wanted)) found.push(option(text, value));
    if (found.length === 100) break;
  }
  return found;
}
