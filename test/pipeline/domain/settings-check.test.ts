import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeclaredVariable } from '../../../src/pipeline/domain/service-file.ts';
import type { Setting } from '../../../src/pipeline/domain/settings.ts';
import { names, settingsProblems } from '../../../src/pipeline/domain/settings-check.ts';

const variable = (name: string, type: DeclaredVariable['type'], required = true): DeclaredVariable => ({
  name,
  type,
  required,
});

function check(
  variables: DeclaredVariable[],
  values: Record<string, Setting>,
  hosts: string[] = [],
): string[] {
  return settingsProblems({
    file: { variables },
    environment: { name: 'staging', hosts, settings: { digest: 'sha256:0', values } },
    others: [
      { name: 'staging', hosts: ['db.staging.example'] },
      { name: 'production', hosts: ['db.example', 'example.net'] },
    ],
  });
}

describe('settings', () => {
  it('that fit raise no problem', () => {
    const variables = [
      variable('A', 'string'),
      variable('B', 'number'),
      variable('C', 'boolean'),
      variable('D', 'url'),
      variable('E', 'secret'),
      variable('F', 'string', false),
      variable('G', 'url'),
    ];
    const values = {
      A: { value: '' },
      B: { value: '-1.5e3' },
      C: { value: 'false' },
      D: { value: 'redis://localhost:1/0' },
      E: { secret: 'env:E' },
      G: { secret: 'env:G' },
      EXTRA: { value: 'x' },
    };
    expect(check(variables, values)).toEqual([]);
  });

  it('without a required variable are told with its name', () => {
    expect(check([variable('STORE_URL', 'url')], {})).toEqual([
      "the service needs `STORE_URL` and its settings do not have it; add it to the environment's settings.",
    ]);
  });

  it('do not take what every object inherits for a value', () => {
    expect(check([variable('constructor', 'string')], {})).toHaveLength(1);
  });

  it.each([
    ['number', '12a', 'a number'],
    ['number', '', 'a number'],
    ['number', '0x10', 'a number'],
    ['number', '1e999', 'a number'],
    ['boolean', 'yes', 'true or false'],
    ['url', 'example.com', 'a URL with its scheme'],
    ['url', 'http://', 'a URL with its scheme'],
  ] as const)('of type %s refuse %j', (type, value, words) => {
    expect(check([variable('X', type)], { X: { value } })).toEqual([
      `\`X\` must be ${words}; correct its value.`,
    ]);
  });

  it('refuse a secret that stands as a plain value, without repeating it', () => {
    const [sentence] = check([variable('TOKEN', 'secret')], { TOKEN: { value: 'hunter2' } });
    expect(sentence).toContain('`TOKEN` is a secret and stands as a plain value');
    expect(sentence).not.toContain('hunter2');
  });

  it("refuse a value that names another environment's host", () => {
    expect(check([], { STORE_URL: { value: 'redis://cache.DB.example:6379/0' } })).toEqual([
      "`STORE_URL` names db.example, a host of production; set it to one of staging's own.",
    ]);
  });

  it('may name their own host below a name of another environment', () => {
    const values = { A: { value: 'https://staging.example.net/' } };
    expect(check([], values)).toHaveLength(1);
    expect(check([], values, ['staging.example.net'])).toEqual([]);
    expect(check([], { A: { value: 'https://db.example' } }, ['db.example'])).toEqual([]);
  });

  it('name a host only as a whole name', () => {
    for (const text of ['db.example', 'x://u@db.example:1/p', 'a,db.example', 'db.example.', 'x.db.example'])
      expect(names(text, 'db.example')).toBe(true);
    for (const text of ['mydb.example', 'db.example.com', 'db.examples', 'db-example', 'db.example-2', ''])
      expect(names(text, 'db.example')).toBe(false);
    expect(names('anything', '')).toBe(false);
  });

  it('with all required values of type string never raise a problem about declarations', () => {
    const word = fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word), fc.string(), (wanted, value) => {
        const values = Object.fromEntries(wanted.map((name) => [name, { value }]));
        const problems = settingsProblems({
          file: { variables: wanted.map((name) => variable(name, 'string')) },
          environment: { name: 'dev', hosts: [], settings: { digest: '', values } },
          others: [],
        });
        expect(problems).toEqual([]);
      }),
    );
  });

  it('raise one problem for each required variable that is taken away', () => {
    const word = fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(word, fc.boolean()), { selector: ([name]) => name }), (pairs) => {
        const kept = pairs.filter(([, keep]) => keep);
        const values = Object.fromEntries(kept.map(([name]) => [name, { value: 'x' }]));
        const problems = check(
          pairs.map(([name]) => variable(name, 'string')),
          values,
        );
        expect(problems).toHaveLength(pairs.length - kept.length);
      }),
    );
  });

  it("find another environment's host wherever it stands in a value", () => {
    const around = fc.stringMatching(/^[ /:@,]{0,5}$/);
    fc.assert(
      fc.property(fc.domain(), around, around, (host, before, after) => {
        expect(names(before + host + after, host)).toBe(true);
      }),
    );
  });
});
