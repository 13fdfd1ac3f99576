import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { noSample, oneRequest, type Sample, together } from '../domain/measurement.ts';
import type { Millis } from '../domain/time.ts';
import type { ProbeOrder, Probing } from './contract.ts';

/** Requests that are under way at once at most. */
const lanes = 2;
/** Milliseconds between two requests of a lane. */
const between: Millis = 20;
/** Milliseconds that one request may take; beyond it failed. */
const longest: Millis = 5_000;
/** Milliseconds after which a prober that was told to stop begins no more, whatever it was to reach. */
const atMost: Millis = 3_000;

/**
 * Sends `GET path` through a front door again and again, fewer than a hundred a second, until it is told to stop. Each
 * carries an id by which logs and counters of users can leave it out. Failed is what a user would call so: no whole
 * answer, or a status of 500 and above.
 */
export function startProbing({ door, path, id }: ProbeOrder, signal: AbortSignal): Probing {
  let sample: Sample = noSample;
  let begun = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let until = Number.POSITIVE_INFINITY;
  const stopped = new AbortController();
  const pausing = AbortSignal.any([signal, stopped.signal]);
  const more = (): boolean => !signal.aborted && begun < wanted && performance.now() < until;

  const lane = async (): Promise<void> => {
    while (more()) {
      const took = await once(new URL(path, door), `${id}.${begun++}`, signal);
      // Read only now: the other lane has counted meanwhile.
      sample = together(sample, oneRequest(took));
      // Told to stop it only makes up the number, and whoever ships waits for it.
      if (!pausing.aborted) await pause(between, undefined, { signal: pausing }).catch(() => {});
    }
  };
  const all = Promise.all(Array.from({ length: lanes }, lane));
  return {
    async stop({ atLeast = 0 } = {}) {
      wanted = atLeast;
      until = performance.now() + atMost;
      stopped.abort();
      await all;
      return sample;
    },
  };
}

/** How long one took; undefined when it failed. On a connection of its own, as a new user's would be. */
function once(url: URL, id: string, signal: AbortSignal): Promise<Millis | undefined> {
  const began = performance.now();
  const headers = {
    'user-agent': 'bakery-probe',
    'x-bakery-probe': id,
    'x-request-id': `bakery-probe-${id}`,
  };
  return new Promise((resolve) => {
    const request = get(url, {
      agent: false,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(longest)]),
    });
    // Whatever the reason, a user would not have got an answer.
    request.on('error', () => resolve(undefined));
    request.on('response', (response) => {
      response.on('error', () => resolve(undefined)).resume();
      response.on('close', () => {
        const answered = response.complete && (response.statusCode ?? 500) < 500;
        resolve(answered ? performance.now() - began : undefined);
      });
    });
  });
}
