import { expect, test } from 'vitest';
import { dockerfileOf, stepsOf } from '../../../src/providers/docker/dockerfile.ts';

const made = (name: string) => ({ name, size: 1, digest: 'sha256:p' });
const recipe = { base: 'debian:bookworm', packages: ['curl', 'nodejs=18'], start: ['node', 'server.js'] };

test('a recipe installs packages first and adds the package last', () => {
  const files = [{ path: '/etc/hello.conf', from: 'hello.conf', mode: 0o644 }];
  const lines = dockerfileOf({ ...recipe, files, user: 'www-data' }, made('hello.tar.gz'))
    .trim()
    .split('\n');
  expect(lines[0]).toBe('FROM debian:bookworm');
  expect(lines[1]).toMatch(/^RUN .*apt-get install .* curl nodejs=18 /);
  expect(lines.slice(2)).toEqual([
    'COPY ["files/0","/etc/hello.conf"]',
    'WORKDIR /app',
    'USER www-data',
    'ENTRYPOINT []',
    'CMD ["node","server.js"]',
    'ADD ["package/hello.tar.gz","/app/"]',
  ]);
});

test('the steps before a package that is only added are the same Dockerfile without it', () => {
  const files = [{ path: '/etc/hello.conf', from: 'hello.conf', mode: 0o644 }];
  const whole = dockerfileOf({ ...recipe, files }, made('hello.tar'))
    .trim()
    .split('\n');
  expect(
    stepsOf({ ...recipe, files }, made('hello.tar'))
      .trim()
      .split('\n'),
  ).toEqual(whole.slice(0, -1));
});

test('a .deb is installed with what it depends on', () => {
  expect(dockerfileOf({ ...recipe, packages: [] }, made('hello_1.0_all.deb'))).toMatch(
    /COPY \["package\/hello_1.0_all.deb".*\nRUN .*apt-get install .* \/tmp\/package\/hello_1.0_all.deb/,
  );
});

test('any other file is copied as it is, and nobody in particular runs it', () => {
  const text = dockerfileOf({ ...recipe, packages: [] }, made('hello'));
  expect(text).toContain('COPY ["package/hello","/app/hello"]');
  expect(text).toContain('USER 10001');
});

test('an .rpm and a recipe without a base are denied with what to do', () => {
  expect(() => dockerfileOf(recipe, made('hello.rpm'))).toThrow('write a Dockerfile');
  expect(() => dockerfileOf({ ...recipe, base: '' }, made('hello.tar'))).toThrow('set image.base');
});

test('a name of a package that a shell would read reaches the file only in quotes', () => {
  const text = dockerfileOf({ ...recipe, packages: [] }, made('a"; rm -rf $HOME.tar'));
  expect(text).toContain(String.raw`ADD ["package/a\"; rm -rf $HOME.tar","/app/"]`);
});

test('labels are one step, the last, and say what they are given', () => {
  const labels = { 'bakery.service': 'hello', 'bakery.odd': 'a "b" $HOME \\' };
  const text = dockerfileOf({ ...recipe, packages: [] }, made('hello.tar'), labels);
  expect(text.trim().split('\n').at(-1)).toBe(
    String.raw`LABEL bakery.service="hello" bakery.odd="a \"b\" \$HOME \\"`,
  );
});
