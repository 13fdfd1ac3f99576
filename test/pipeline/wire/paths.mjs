/** Names that are chosen by people or at run time: what is below them has one shape, whichever they are. */
const free = /(^|\.)(weights|settings|values|variables|suites)$/;

/**
 * Every path in a value that travelled as JSON, each with the kind of what stands there: `input.instances[].id: string`.
 * Names that are free are written `*`, and entries of a list `[]`.
 */
export function pathsOf(value, at = '') {
  const paths = new Set();
  const walk = (one, path) => {
    if (Array.isArray(one)) {
      paths.add(`${path}: list`);
      for (const entry of one) walk(entry, `${path}[]`);
    } else if (typeof one === 'object' && one !== null) {
      paths.add(`${path}: object`);
      for (const [name, below] of Object.entries(one)) walk(below, `${path}.${free.test(path) ? '*' : name}`);
    } else paths.add(`${path}: ${typeof one}`);
  };
  walk(value, at);
  return [...paths].sort();
}

/** A value with nothing but what these paths name: as a version says it that knows no more. */
export function onlyPaths(value, paths, at = '') {
  const known = new Set(paths.map((path) => path.slice(0, path.lastIndexOf(': '))));
  const prune = (one, path) => {
    // Lists that were empty at times tell nothing of their entries.
    if (Array.isArray(one))
      return known.has(`${path}[]`) ? one.map((entry) => prune(entry, `${path}[]`)) : one;
    if (typeof one !== 'object' || one === null) return one;
    const below = (name) => `${path}.${free.test(path) ? '*' : name}`;
    const kept = Object.entries(one).filter(([name]) => known.has(below(name)));
    return Object.fromEntries(kept.map(([name, entry]) => [name, prune(entry, below(name))]));
  };
  return prune(value, at);
}
