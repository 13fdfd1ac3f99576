import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Uploads } from '../../src/slack-simulator/api/files.ts';
import { allMethods } from '../../src/slack-simulator/api/index.ts';
import { COVERAGE } from '../../src/slack-simulator/coverage.ts';
import { clientOf, startRig } from './support/rig.ts';

const DOC = new URL('../../docs/slack-simulator.md', import.meta.url);
const SOURCE = new URL('../../src/slack-simulator/', import.meta.url);
const methods = COVERAGE.filter(({ kind }) => kind === 'method').map(({ name }) => name);

describe('the table of what the Slack simulator covers', () => {
  it('stands in the documentation, line for line', () => {
    const lines = readFileSync(DOC, 'utf8').split('\n');
    const rows = lines.filter((line) => /^\| (method|refusal|delivery) /.test(line));
    expect(rows).toEqual(COVERAGE.map(({ kind, name, how }) => `| ${kind} | \`${name}\` | ${how} |`));
  });

  it('names every method that there is and no other', () => {
    expect(methods.toSorted()).toEqual(Object.keys(allMethods(new Uploads())).toSorted());
  });

  it('names every refusal that the code has, and no other', () => {
    // A refusal outside the table does not compile; one that stands there alone would promise what is never done.
    const used = new Set(namesIn('.', /SlackRefusal\('(\w+)'|ownMessage\(.*'(\w+)'\)/g));
    expect([...used].toSorted()).toEqual(namesOf('refusal').toSorted());
  });

  it('names every kind of payload that the code sends, and every word for one that did not arrive', () => {
    const sent = namesIn('interactions', /^\s+type: '(\w+)',|\{ type: '(shortcut)'/gm);
    const words = namesIn('delivery', /error: '(\w+)'/g);
    const named = namesOf('delivery').filter((name) => name.includes('_') || name === 'shortcut');
    const expected = new Set([...sent, ...words, 'response_url']);
    // What an event comes in, and what a payload says of the message that it is about.
    for (const part of ['event_callback', 'message']) expected.delete(part);
    expect(named.toSorted()).toEqual([...expected].toSorted());
  });

  it('names methods that answer, if only with a refusal of what they were not given', async () => {
    const simulator = await startRig();
    for (const name of methods) {
      const token = name === 'apps.connections.open' ? 'xapp-test-app' : 'xoxb-test-bot';
      const reply = await clientOf(simulator, token)
        .apiCall(name)
        .then(
          () => 'ok',
          (error: { data?: { error?: string } }) => error.data?.error,
        );
      expect(reply, name).toBeTypeOf('string');
      expect(['unknown_method', 'internal_error'], name).not.toContain(reply);
    }
  });
});

const namesOf = (kind: 'refusal' | 'delivery'): string[] =>
  COVERAGE.filter((row) => row.kind === kind).map(({ name }) => name);

/** What the first group that matched holds, all through a folder of the simulator's source. */
function namesIn(folder: string, pattern: RegExp): string[] {
  const at = new URL(`${folder}/`, SOURCE);
  const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && name !== 'coverage.ts',
  );
  const text = files.map((name) => readFileSync(new URL(name, at), 'utf8')).join('\n');
  return [...text.matchAll(pattern)].map(([, ...groups]) => groups.find((one) => one !== undefined) ?? '');
}
