import type { At, Millis } from '../pipeline/domain/time.ts';

/** How many requests in how long. */
interface Limit {
  most: number;
  within: Millis;
}

/** More than a person can mean, and fewer than a script can say. */
export const ofPerson: Limit = { most: 60, within: 60_000 };
/** Fifty people who press one button at once are all told; a thousand are not. */
export const ofService: Limit = { most: 300, within: 60_000 };
const mostKept = 10_000;

export interface RateLimit {
  /** A sentence when this person, or everybody for this service, asks too much; `first` is true once for each such time. */
  problem(person: string, service: string | undefined): { sentence: string; first: boolean } | undefined;
}

/** Limits what one person may ask, and what all may ask of one service: so many requests within the last minute. */
export function createRateLimit(now: () => At): RateLimit {
  const asked = new Map<string, At[]>();
  const told = new Map<string, At>();

  function isOver(key: string, { most, within }: Limit): At | undefined {
    const at = now();
    const recent = (asked.get(key) ?? []).filter((one) => one > at - within);
    const [oldest] = recent;
    if (recent.length >= most && oldest !== undefined) return oldest + within;
    asked.delete(key);
    asked.set(key, [...recent, at]);
    const [eldest] = asked.keys();
    if (asked.size > mostKept && eldest !== undefined) asked.delete(eldest);
    return undefined;
  }

  function over(key: string, what: string, until: At): { sentence: string; first: boolean } {
    const seconds = Math.max(1, Math.ceil((until - now()) / 1000));
    const first = (told.get(key) ?? 0) <= now();
    if (first) told.set(key, until);
    if (told.size > mostKept) told.clear();
    return { sentence: `${what} Nothing was done. Try again in ${seconds} s.`, first };
  }

  return {
    problem(person, service) {
      const personal = isOver(`person ${person}`, ofPerson);
      if (personal !== undefined) {
        return over(
          `person ${person}`,
          `That was more than ${ofPerson.most} requests in a minute.`,
          personal,
        );
      }
      if (service === undefined) return undefined;
      const shared = isOver(`service ${service}`, ofService);
      return shared === undefined
        ? undefined
        : over(
            `service ${service}`,
            `${service} was asked more than ${ofService.most} times in a minute.`,
            shared,
          );
    },
  };
}
