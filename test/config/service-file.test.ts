import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServiceFile } from '../../src/config/service-file.ts';

const whole = `build:
  compile: { run: [node, scripts/check.js], timeout: 60s }
  test: { run: [node, --test, test/unit], timeout: 60s }
  package: { run: [node, scripts/package.js], timeout: 60s, file: out/hello.tar }
image: { base: "", packages: [], start: [node, server.js] }
health: { path: /healthz, within: 20s }
grace: 10s
variables:
  GREETING: { type: string }
  STORE_URL: { type: url, required: false }
  LOG_TOKEN: { type: secret }
suites:
  functional: { kind: functional, http: [{ path: /, status: 200, contains: greeting }], run: [node, test/functional.js], timeout: 30s, junit: out/functional.xml }
`;

const least = `build:
  package: { run: [make], file: out.tar }
image: { start: [./run] }
health: { path: / }
`;

function problems(text: string): string[] {
  const reading = parseServiceFile(text, 'bakery.yaml');
  return reading.ok ? [] : reading.problems.map(({ line, sentence }) => `${line}: ${sentence}`);
}

describe('bakery.yaml', () => {
  it('is read whole, with durations in milliseconds', () => {
    expect(parseServiceFile(whole, 'bakery.yaml')).toEqual({
      ok: true,
      file: {
        build: {
          commands: [
            { name: 'compile', command: { argv: ['node', 'scripts/check.js'], timeout: 60_000 } },
            { name: 'test', command: { argv: ['node', '--test', 'test/unit'], timeout: 60_000 } },
            { name: 'package', command: { argv: ['node', 'scripts/package.js'], timeout: 60_000 } },
          ],
          package: 'out/hello.tar',
        },
        recipe: { base: '', packages: [], start: ['node', 'server.js'] },
        health: { path: '/healthz', within: 20_000 },
        grace: 10_000,
        variables: [
          { name: 'GREETING', type: 'string', required: true },
          { name: 'STORE_URL', type: 'url', required: false },
          { name: 'LOG_TOKEN', type: 'secret', required: true },
        ],
        suites: [
          {
            name: 'functional',
            kind: 'functional',
            http: [{ path: '/', status: 200, contains: 'greeting' }],
            command: { argv: ['node', 'test/functional.js'], timeout: 30_000 },
            junit: 'out/functional.xml',
          },
        ],
      },
    });
  });

  it('declares a builder image, places to write and another kind of health check', () => {
    const text = least
      .replace('build:', 'build:\n  image: node:22')
      .replace('health: { path: / }', 'health: { by: tcp }\nwritable: { /data: disk, /run/x: 16m }');
    const reading = parseServiceFile(text, 'bakery.yaml');
    expect(reading.ok && reading.file).toMatchObject({
      build: { image: 'node:22' },
      recipe: { folders: ['/data'] },
      health: { path: '/', by: 'tcp' },
      writable: [{ path: '/data' }, { path: '/run/x', memory: 16 * 1024 ** 2 }],
    });
  });

  it('says what is wrong with a health check, a place to write or a builder image', () => {
    expect(problems(least.replace('{ path: / }', '{ within: 5s }')).join()).toContain(
      'add the path that answers',
    );
    expect(problems(`${least}writable: { data: disk }\n`).join()).toContain('absolute path');
    expect(problems(`${least}writable: { /data: much }\n`).join()).toContain('`disk`, or a size of memory');
    expect(problems(least.replace('build:', 'build:\n  image: "a b"')).join()).toContain("an image's name");
  });

  it('needs only a package command, a start command and a health path', () => {
    const reading = parseServiceFile(least, 'bakery.yaml');
    expect(reading).toMatchObject({ ok: true, file: { grace: 10_000, variables: [], suites: [] } });
  });

  it('tells all problems at once, each with its line', () => {
    const text = `build:
  package: { run: make, timeout: 60, file: ../out.tar }
image: { start: [] }
health:
  path: healthz
variables:
  greeting: { type: text }
`;
    expect(problems(text)).toEqual([
      '2: `build.package.run` must be an argument list, like [npm, test]: Bakery never runs a shell line; split it into its words.',
      '2: `build.package.timeout` must be a duration with its unit, like 500ms, 30s, 5m, 2h or 1d.',
      '2: `build.package.file` must be a relative path inside the repository, without `..`; correct it.',
      '3: `image.start` must hold at least the program; write it, like [npm, test].',
      '5: `health.path` must be the path of a URL, beginning with one `/`, without spaces or `#`; correct it.',
      '7: `variables.greeting.type` must be one of `string`, `number`, `boolean`, `url`, `secret`.',
      '7: `variables.greeting` is not a variable name: use capitals, digits and underscores, like GREETING.',
    ]);
  });

  it('reads the files and the account of the image', () => {
    const image =
      'image: { base: debian:bookworm, files: { /etc/hello.conf: { from: conf/hello.conf, mode: "0600" } }, user: "10001", start: [hello] }';
    const reading = parseServiceFile(least.replace(/^image:.*$/m, image), 'bakery.yaml');
    expect(reading).toMatchObject({ ok: true });
    expect(reading.ok && reading.file.recipe).toEqual({
      base: 'debian:bookworm',
      packages: [],
      files: [{ path: '/etc/hello.conf', from: 'conf/hello.conf', mode: 0o600 }],
      user: '10001',
      start: ['hello'],
    });
  });

  it.each(['etc/hello.conf', '/etc/../hello', '/etc/', '/'])('refuses %s as the place of a file', (path) => {
    const image = `image: { files: { "${path}": { from: hello.conf } }, start: [hello] }`;
    expect(problems(least.replace(/^image:.*$/m, image)).join()).toContain('absolute path in the image');
  });

  it('names the nearest key for an unknown one', () => {
    expect(problems(`${least}suits: {}\n`)).toEqual(['5: `suits` is not a key here; did you mean `suites`?']);
  });

  it.each(['people', 'approvals', 'environments', 'settings', 'channel', 'provider', 'branch'])(
    "refuses the operators' key %s and says where it belongs",
    (key) => {
      const [sentence] = problems(`${least}${key}: {}\n`);
      expect(sentence).toBe(
        `5: \`${key}\` is not a key here: it belongs in the operators' services/<name>.yaml, which alone grants rights and names environments and settings; move it there.`,
      );
    },
  );

  it("refuses the installation's key and says that it belongs in bot.yaml", () => {
    expect(problems(`${least}slack: {}\n`)[0]).toContain("belongs in the operators' bot.yaml");
  });

  it('says which key is missing', () => {
    expect(problems('image: { start: [./run] }\nhealth: { path: / }\n')).toEqual([
      '1: `build` is missing; add it.',
    ]);
  });

  it('says what is wrong with an empty file and with broken YAML', () => {
    expect(problems('')).toEqual(['1: The file is empty; give it a value.']);
    expect(problems('build: [\n')[0]).toMatch(/^2: This is not valid YAML/);
    expect(problems('build: {}\nbuild: {}\n')[0]).toMatch(
      /^2: This is not valid YAML \(Map keys must be unique/,
    );
  });

  it('refuses a suite that checks nothing, and JUnit without a command', () => {
    const text = `${least}suites:\n  a: { kind: functional }\n  b: { kind: functional, http: [{ path: / }], junit: x.xml }\n`;
    expect(problems(text)).toEqual([
      '6: `suites.a` checks nothing: give it `http` checks, a `run` command, or both.',
      '7: `suites.b.junit` is written by the command, and there is no `run`; add the command or remove `junit`.',
    ]);
  });

  it('refuses variables that Bakery sets itself and packages that look like options', () => {
    const text = `${least.replace('start:', 'packages: [--force], start:')}variables:\n  PORT: { type: number }\n`;
    expect(problems(text)).toEqual([
      '3: `image.packages.0` must be the name of an OS package, like `curl` or `curl=7.88`; correct it.',
      '6: `variables.PORT` is a name that Bakery sets itself; choose another one than PORT, PATH, HOME or BAKERY_….',
    ]);
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const reading = parseServiceFile(text, 'bakery.yaml');
        if (!reading.ok) for (const { line } of reading.problems) expect(line).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a bomb of aliases and a file that is too large', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n`;
    expect(problems(bomb)).toEqual(['1: An alias in this file cannot be resolved; write the value out.']);
    expect(problems('#'.repeat(300_000))).toEqual([
      '1: The file is larger than 256 KiB; it must be smaller.',
    ]);
  });
});
