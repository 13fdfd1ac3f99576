import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { list } from 'tar';
import { expect, it, onTestFinished } from 'vitest';
import { parseServiceFile } from '../../src/config/service-file.ts';
import { placeAt, projectRoot } from '../../src/demo/place.ts';
import {
  change,
  commitAndPush,
  git,
  makeShop,
  type Shop,
  shopAt,
  write,
} from '../../src/demo/worker/shop.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** The example's repository, with a `bakery` that only keeps what it is handed. */
async function shop(): Promise<{
  made: Shop;
  ci: (ref: string, reason?: string) => { printed: string; argv: string[]; digest: string };
  kept: string;
}> {
  const made = shopAt(await placeAt(tempFolder()));
  makeShop(made, 'the key');
  const folder = tempFolder();
  const [program, kept] = [join(folder, 'bakery.cjs'), join(folder, 'kept.tar')];
  writeFileSync(
    program,
    `const argv = process.argv.slice(2); const fs = require('node:fs');
     fs.copyFileSync(argv[argv.indexOf('--package') + 1], ${JSON.stringify(kept)});
     fs.writeFileSync(${JSON.stringify(`${kept}.argv`)}, JSON.stringify(argv));`,
  );
  const ci = (ref: string, reason?: string) => {
    const argv = [join(made.work, 'ci.sh'), ref, ...(reason === undefined ? [] : [reason])];
    const env = {
      PATH: process.env.PATH,
      BAKERY_URL: 'https://bakery.example.test',
      BAKERY: `${process.execPath} ${program}`,
      MODULES: join(projectRoot, 'node_modules'),
      TMPDIR: mkdtempSync(join(folder, 'tmp-')),
    };
    const printed = execFileSync('bash', argv, { env, encoding: 'utf8' });
    if (!existsSync(kept)) return { printed, argv: [], digest: '' };
    const digest = createHash('sha256').update(readFileSync(kept)).digest('hex');
    return { printed, argv: JSON.parse(readFileSync(`${kept}.argv`, 'utf8')), digest };
  };
  onTestFinished(() => expect(existsSync(join(made.work, 'out'))).toBe(false));
  return { made, ci, kept };
}

it('the CI of the example hands over the same package for the same commit, with its tests and what it shares', async () => {
  const { made, ci, kept } = await shop();
  const sha = commitAndPush(made, 'one');
  const first = ci('main');
  expect(ci('main').digest).toBe(first.digest);
  const said = (name: string) => first.argv[first.argv.indexOf(name) + 1];
  expect([said('--service'), said('--commit'), said('--ref'), first.argv.includes('--hotfix')]).toEqual([
    ...['invoices', sha, 'main', false],
  ]);
  expect(said('--tests')).toMatch(/tests\.xml$/);
  const paths: string[] = [];
  await list({ file: kept, onReadEntry: ({ path }) => void paths.push(path) });
  expect(paths).toEqual(
    expect.arrayContaining([
      './services/invoices/worker.js',
      './libs/money.js',
      './services/invoices/migrate.js',
    ]),
  );
  expect(paths.filter((path) => path.includes('services/till'))).toEqual([]);
});

it('it hands over nothing for a push that concerns another service, and a hotfix with its reason', async () => {
  const { made, ci } = await shop();
  commitAndPush(made, 'one');
  write(made, 'services/till/README.md', 'A till.\n');
  commitAndPush(made, 'two');
  expect(ci('main')).toMatchObject({ printed: expect.stringContaining('concerns nothing'), argv: [] });
  change(made, 'libs/money.js', '/** What', '/** All that');
  commitAndPush(made, 'three');
  git(made, 'tag', 'fix-1');
  const { argv } = ci('fix-1', 'half a cent');
  expect(argv.slice(-2)).toEqual(['--hotfix', 'half a cent']);
});

it('the example’s bakery.yaml is right', () => {
  const text = readFileSync(join(projectRoot, 'examples/shop/services/invoices/bakery.yaml'), 'utf8');
  expect(parseServiceFile(text, 'bakery.yaml')).toMatchObject({
    ok: true,
    file: { build: { external: true }, migrate: { argv: ['node', 'services/invoices/migrate.js'] } },
  });
});
