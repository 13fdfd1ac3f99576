/** Replaces text that must stand there exactly once, so that a changed example is noticed. */
export const replaceOnce = (text: string, from: string, to: string): string => {
  const parts = text.split(from);
  if (parts.length !== 2)
    throw new Error(`the example has changed: "${from}" stands ${parts.length - 1} times in it`);
  return parts.join(to);
};

/** `version.txt` of `examples/hello` for another version. */
export const versionText = (version: string): string => `${version}\n`;

/** `server.js` with a syntax error: fails in build, at compile. */
export const doesNotCompile = (server: string): string => `${server}\nconst oven = {;\n`;

/** `server.js` whose `/greet` needs a package that only its author installed: unit tests pass, verify fails. */
export const needsLocalPackage = (server: string): string =>
  replaceOnce(
    server,
    "text: greet(GREETING, query.get('name') ?? '')",
    "text: (await import('left-pad-local')).default(greet(GREETING, query.get('name') ?? ''), 40)",
  );

/**
 * `server.js` that says it is unhealthy five seconds after its sixtieth request: passes verify, which asks less,
 * and fails in soak under load. It answers every request all the same, so going back costs none.
 */
export const failsUnderLoad = (server: string): string =>
  replaceOnce(
    replaceOnce(
      server,
      'const isHealthy = () => true;',
      `let served = 0;
let unwellFrom = Number.POSITIVE_INFINITY;
const countServed = () => {
  served += 1;
  if (served === 60) unwellFrom = Date.now() + 5_000;
};
const isHealthy = () => Date.now() < unwellFrom;`,
    ),
    '  const route = routes[url.pathname];',
    '  countServed();\n  const route = routes[url.pathname];',
  );
