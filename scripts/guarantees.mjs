#!/usr/bin/env node
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Every promise of docs/guarantees.md names a test by its title: fails when one is missing, was skipped or failed. */
const read = (path) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

const report = JSON.parse(read('test-results/report.json'));
const passed = new Set(
  report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed')
    .map(({ title }) => title),
);
const promises = read('docs/guarantees.md')
  .split('\n')
  .filter((line) => line.startsWith('- '))
  .map((line) => ({
    line,
    ...(/`(?<title>[^`]+)`(?: \((?:rig (?<rig>[a-z]+)|(?<journeys>journeys))\))?\s*$/.exec(line)?.groups ??
      {}),
  }));
/** Every action of docs/rights.md names two: of the yes and of the no. */
const rights = read('docs/rights.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('“'))
  .flatMap((line) => {
    const titles = [...line.matchAll(/`([^`]*“[^`]+)`/g)].map(([, title]) => title);
    return titles.length === 2 ? titles.map((title) => ({ line, title })) : [{ line, title: undefined }];
  });
promises.push(...rights);
// And every action that was tested has its row there.
const tabled = new Set(rights.map(({ title }) => title));
for (const title of passed)
  if (/^“.+” is (taken from|refused to) one who /.test(title) && !tabled.has(title))
    promises.push({ line: `${title} (it has no row in docs/rights.md)`, title: undefined });
// A rig's tests run by themselves in CI and fail there: here it is enough that the title stands in one of its files.
const inRig = (rig, title) =>
  readdirSync(fileURLToPath(new URL(`../test/rigs/${rig}`, import.meta.url)))
    .filter((name) => name.endsWith('.rig.test.ts'))
    .some((name) => read(`test/rigs/${rig}/${name}`).includes(`'${title}'`));
// So do the journeys, over both ways to Slack.
const walked = readdirSync(fileURLToPath(new URL('../test/journeys', import.meta.url)))
  .map((name) => read(`test/journeys/${name}`))
  .join('\n');
const isHeld = ({ title, rig, journeys }) => {
  if (rig !== undefined) return inRig(rig, title);
  return journeys === undefined ? passed.has(title) : walked.includes(`it('${title}'`);
};
const broken = promises.filter((one) => one.title === undefined || !isHeld(one));
for (const { line, title } of broken) {
  console.error(title === undefined ? `names no test: ${line}` : `did not run, or failed: ${title}`);
}
console.log(
  `${promises.length - broken.length} of ${promises.length} promises are held by a test that passed.`,
);
process.exit(broken.length === 0 && promises.length > 0 ? 0 : 1);
