import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const cli = join(fileURLToPath(new URL('../../../', import.meta.url)), 'dist/cli.js');
const { BAKERY_TEST_DOCKER_URL: url = '', BAKERY_TEST_DOCKER_BASE: base = '' } = process.env;

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', url, ...args], { encoding: 'utf8' }).trim();

/** How it ended, and all that it printed. */
async function demo(...args: string[]): Promise<{ code: number; said: string }> {
  const options = { timeout: 240_000, maxBuffer: 8_000_000 };
  const given = [cli, 'demo', '--auto', '--provider', 'docker', ...args];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, given, options);
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error)) throw error;
    return { code: Number(error.code), said: `${error.stdout}${error.stderr}` };
  }
}

/** What Bakery has made on the engine and not taken away. */
const leftOver = (): string[] => {
  const ours = ['--quiet', '--filter', 'label=bakery.owner'];
  return [
    ...docker('ps', '--all', ...ours).split('\n'),
    ...docker('image', 'ls', '--all', ...ours).split('\n'),
    ...docker('volume', 'ls', ...ours).split('\n'),
    ...docker('network', 'ls', '--quiet', '--filter', 'name=bakery-demo').split('\n'),
  ].filter(Boolean);
};

describe('the demo on Docker', () => {
  it('tells the whole story on a real engine behind a real HAProxy', { timeout: 250_000 }, async () => {
    const before = leftOver();

    const { code, said } = await demo('--engine', url, '--base-image', base);

    expect(said).toContain('Every step was as it must be.');
    expect(said).toMatch(/v1 ran in dev, staging and production from the same image, sha256:[0-9a-f]{64}/);
    expect(said).toMatch(/requests sent: [1-9]\d{3,}, failed: 0/);
    // The end of what it printed says what was in the way.
    expect({ code, end: code === 0 ? '' : said.slice(-2_000) }).toEqual({ code: 0, end: '' });
    expect(leftOver()).toEqual(before);
  });

  it('says in one sentence what is missing, and begins nothing', async () => {
    const noEngine = await demo('--engine', 'unix:///nowhere/docker.sock');
    expect(noEngine.code).toBe(1);
    expect(noEngine.said).toMatch(/No Docker engine answers at unix:\/\/\/nowhere\/docker.sock .*--engine/);

    const noBase = await demo('--engine', url, '--base-image', 'registry.invalid/nothing:1');
    expect(noBase.code).toBe(1);
    expect(noBase.said).toMatch(/has no image registry.invalid\/nothing:1 .*--base-image/);
    expect(`${noEngine.said}${noBase.said}`).not.toMatch(/^\s+at /m);
  });
});
