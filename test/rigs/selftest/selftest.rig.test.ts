import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fromRig } from '../../support/rig.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
const queues = {
  redis: fromRig('BAKERY_TEST_REDIS_URL'),
  postgres: fromRig('BAKERY_TEST_POSTGRES_URL'),
  embedded: 'embedded',
};
const runs = 30;

/** The command as anybody runs it. The seeds are fixed, so that CI repeats itself. */
function selftest(
  niceness: number,
  seed: number,
  ...args: string[]
): Promise<{ code: number; told: string }> {
  return new Promise((resolve) => {
    const given = ['-n', `${niceness}`, process.execPath, cli, 'selftest', '--seed', `${seed}`, ...args];
    execFile('nice', given, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const told = `${stdout}${stderr}`.trim();
      // All of it when it fails: the next go may pass, and then nobody would know which invariant was broken, and how.
      console.log(error === null ? told.split('\n').at(-1) : told);
      resolve({ code: error === null ? 0 : 1, told });
    });
  });
}

/** All at once: a schedule waits more than it works, and the simulated runs, whose time is virtual, take what is left. */
describe.concurrent('bakery selftest', () => {
  test.each(Object.entries(queues))(
    'ends its schedules on %s with everything as it should be, whoever was killed, stopped or cut off',
    async (_, queue) => {
      const given = ['--mode', 'processes', '--runs', `${runs}`, '--at-once', '3', '--queue', queue];
      const { code, told } = await selftest(0, 1, ...given);
      expect(code, told).toBe(0);
    },
    900_000,
  );

  test('ends a thousand simulated runs with everything as it should be', async () => {
    // In two halves, so that neither of two cores waits for the other once the schedules are over.
    const halves = await Promise.all([1, 501].map((seed) => selftest(19, seed, '--runs', '500')));
    for (const { code, told } of halves) expect(code, told).toBe(0);
  }, 900_000);
});
