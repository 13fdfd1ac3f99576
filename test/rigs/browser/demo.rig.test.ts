/// <reference lib="dom" />
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const root = mkdtempSync(join(tmpdir(), 'bakery-browser-'));
const repository = join(root, 'hello');
let demo: ChildProcess;
let said = '';
let browser: Browser;
let page: Page;

/** As a person starts it, until it says what to open, and opens that. */
async function startDemo(): Promise<void> {
  const begun = spawn(process.execPath, [join(project, 'dist/cli.js'), 'demo', '--keep', root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  demo = begun;
  said = '';
  await new Promise<void>((resolve, reject) => {
    begun.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Ctrl-C')) resolve();
    });
    begun.once('exit', () => reject(new Error(`The demo ended: ${said}`)));
  });
  const [url, ...others] = said.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
  if (url === undefined || others.length > 0) throw new Error(`The demo printed no one address: ${said}`);
  await page.goto(url);
}

async function endDemo(): Promise<void> {
  demo.kill('SIGINT');
  await once(demo, 'exit');
}

beforeAll(async () => {
  const executablePath = process.env.BAKERY_TEST_CHROMIUM;
  if (executablePath === undefined)
    throw new Error('BAKERY_TEST_CHROMIUM is not set. Run: npm run test:rigs browser');
  browser = await chromium.launch({ executablePath, args: flags });
  page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
  page.setDefaultTimeout(60_000);
  await startDemo();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  if (demo.exitCode === null) await endDemo();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

const type = async (line: string): Promise<void> => {
  await page.getByTestId('composer').fill(line);
  await page.getByTestId('send').click();
};

const press = async (button: string): Promise<void> => {
  await page.getByTestId(`element-${button}`).last().click();
  const confirm = page.getByTestId('confirm-yes');
  if (await confirm.isVisible()) await confirm.click();
};

const commit = (version: string, message: string): void => {
  writeFileSync(join(repository, 'version.txt'), `${version}\n`);
  execFileSync('git', ['add', '--all'], { cwd: repository });
  execFileSync('git', ['commit', '--quiet', '--message', message], { cwd: repository });
};

/** Waits until the page says it, somewhere. */
const says = async (words: RegExp): Promise<void> => {
  await page.waitForFunction(
    ({ source, flags }) => new RegExp(source, flags).test(document.body.textContent ?? ''),
    { source: words.source, flags: words.flags },
  );
};

/** What the panel beside the channel tells: how many requests were sent, and who answers them. */
const sent = async (): Promise<number> =>
  Number((await page.getByTestId('sent').textContent())?.replaceAll(',', ''));
const sentMoreThan = async (count: number): Promise<void> => {
  await page.waitForFunction(
    (before) =>
      Number(document.querySelector('[data-testid=sent]')?.textContent?.replaceAll(',', '')) > before,
    count,
  );
};
const answers = async (by: RegExp): Promise<void> => {
  await page.waitForFunction(
    (source) =>
      new RegExp(source).test(document.querySelector('.chart svg')?.getAttribute('aria-label') ?? ''),
    by.source,
  );
};
const noneFailed = async (): Promise<void> =>
  expect(await page.getByTestId('failed').textContent()).toBe('0');

// One story: a step that is tried again finds what its first try left.
describe('the demo in a real browser', { retry: 0, timeout: 180_000 }, () => {
  let broken = false;
  beforeEach(() => {
    if (broken) throw new Error('A step before this one failed.');
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail' || broken) return;
    broken = true;
    mkdirSync(join(project, 'test-results'), { recursive: true });
    await page.screenshot({ path: join(project, 'test-results', 'failed.png'), fullPage: true });
    console.log(`The page said: ${await page.locator('body').innerText()}`);
  });

  it('takes a person from /bake to live traffic, and refuses the one who may not approve', async () => {
    expect(said).toContain(`The demo's repository:  ${repository}`);
    await type('/bake hello');
    await says(/hello v1 · (?:building|baking|starting|being)/);
    await says(/\d of 5 stages · \d+s so far/);
    await page.getByTestId('element-approve').waitFor();
    await page.getByTestId('person-U0EVE00001').click();
    await press('approve');
    await page.getByText('You may not approve hello').waitFor();
    await page.getByTestId('person-U0ADA00001').click();
    await press('approve');
    await page.getByText('live in production').first().waitFor();
    await sentMoreThan(100);
  });

  it('moves traffic to the next release while the bot is killed, and no request fails', async () => {
    commit('v2', 'Say hello twice');
    await page.getByText('hello v2').first().waitFor();
    await page.getByTestId('element-approve').waitFor();
    await press('approve');
    await page.getByText('taking traffic').first().waitFor();
    await answers(/v1: [1-9]\d* a second, v2: [1-9]/);
    await page.getByTestId('action-kill-bot').click();
    await page.getByText('The bot was killed').waitFor();
    await sentMoreThan((await sent()) + 30);
    await page.getByTestId('element-retire').waitFor();
    await answers(/v2: [1-9]/);
    mkdirSync(join(project, 'test-results'), { recursive: true });
    await page.screenshot({ path: join(project, 'test-results', 'card.png') });
    await noneFailed();
  });

  it('tells the detail in the thread, retires the old one and rolls back', async () => {
    await page.getByTestId('open-thread').last().click();
    const thread = page.getByTestId('thread');
    await thread.getByText('is live in production').first().waitFor();
    await thread.getByText('tests passed').first().waitFor();
    await page.getByLabel('Close the thread').click();
    await press('retire');
    await page.getByTestId('element-retire').waitFor({ state: 'detached' });
    await type('/rollback hello v1');
    await page.getByText('In which environment should hello go back to v1?').waitFor();
    await page.getByTestId('element-roll-back').filter({ hasText: 'production' }).last().click();
    const confirm = page.getByTestId('confirm-yes');
    if (await confirm.isVisible()) await confirm.click();
    await page.getByText('Rollback to hello v1').first().waitFor();
    await says(/Rollback to hello v1 · live/);
    await answers(/v1: [1-9]/);
    await noneFailed();
  });

  it('leaves nothing running after Ctrl-C', async () => {
    await endDemo();
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
    expect(left.filter((line) => line.includes(root))).toEqual([]);
  });

  it('finds all as it was when it is started again', async () => {
    await startDemo();
    expect(said).toContain(repository);
    await says(/Rollback to hello v1 · live/);
    await page.getByText('hello v2').first().waitFor();
    await answers(/v1: [1-9]\d* a second/);
    await noneFailed();
    await type('/bake status hello');
    await says(/production.{0,20}: v1 live for/);
    await endDemo();
  });
});
