import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Uploads } from '../../src/slack-simulator/api/files.ts';
import { allMethods } from '../../src/slack-simulator/api/index.ts';
import { COVERAGE } from '../../src/slack-simulator/coverage.ts';
import { clientOf, startRig } from './support/rig.ts';

const DOC = new URL('../../docs/slack-simulator.md', import.meta.url);
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
