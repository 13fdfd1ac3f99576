/// <reference lib="dom" />
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
const demo = spawn(process.execPath, [join(project, 'dist/cli.js'), 'demo', '--keep', root], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const executablePath = process.env.BAKERY_TEST_CHROMIUM;
  if (executablePath === undefined)
    throw new Error('BAKERY_TEST_CHROMIUM is not set. Run: npm run test:rigs browser');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    demo.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('Ctrl-C')) resolve();
    });
    demo.once('exit', () => reject(new Error(`The demo ended: ${said}`)));
  });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
  if (url === undefined) throw new Error(`The demo printed no address: ${said}`);
  browser = await chromium.launch({ executablePath, args: flags });
  page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
  page.setDefaultTimeout(60_000);
  await page.goto(url);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  if (demo.exitCode === null) {
    demo.kill('SIGINT');
    await once(demo, 'exit');
  }
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
  writeFileSync(join(root, 'hello', 'version.txt'), `${version}\n`);
  execFileSync('git', ['add', '--all'], { cwd: join(root, 'hello') });
  execFileSync('git', ['commit', '--quiet', '--message', message], { cwd: join(root, 'hello') });
};

describe('the demo in a real browser', () => {
  it('takes a person from /bake to live traffic, and refuses the one who may not approve', async () => {
    await type('/bake hello');
    await page.getByTestId('element-approve').waitFor();
    await page.getByTestId('person-U0EVE00001').click();
    await press('approve');
    await page.getByText('You may not approve hello').waitFor();
    await page.getByTestId('person-U0ADA00001').click();
    await press('approve');
    await page.getByText('live in production').first().waitFor();
    await page.waitForFunction(() => Number(document.querySelector('[data-testid=sent]')?.textContent) > 100);
  });

  it('moves traffic to the next release while the bot is killed, and no request fails', async () => {
    commit('v2', 'Say hello twice');
    await page.getByText('hello v2').first().waitFor();
    await page.getByTestId('element-approve').waitFor();
    await press('approve');
    await page.getByText('taking traffic').first().waitFor();
    await page.getByTestId('action-kill-bot').click();
    await page.getByTestId('element-retire').waitFor();
    mkdirSync(join(project, 'test-results'), { recursive: true });
    await page.screenshot({ path: join(project, 'test-results', 'card.png') });
    expect(await page.getByTestId('failed').textContent()).toBe('0');
  });

  it('tells the detail in the thread, retires the old one and rolls back', async () => {
    await page.getByTestId('open-thread').first().click();
    await page.getByTestId('thread').waitFor();
    await page.keyboard.press('Escape');
    await press('retire');
    await page.getByTestId('element-retire').waitFor({ state: 'detached' });
    await type('/rollback hello v1 production');
    await page.getByText('Rollback to hello v1').first().waitFor();
    await page.waitForFunction(() => /Rollback to hello v1 · live/.test(document.body.textContent ?? ''));
    expect(await page.getByTestId('failed').textContent()).toBe('0');
  });

  it('leaves nothing running after Ctrl-C', async () => {
    demo.kill('SIGINT');
    await once(demo, 'exit');
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
    expect(left.filter((line) => line.includes(root))).toEqual([]);
  });
});
