import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fromRig } from '../../support/rig.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
/** The embedded queue opens its database anew after each kill, which is slow on a busy machine: it gets fewer. */
const queues = {
  redis: { queue: fromRig('BAKERY_TEST_REDIS_URL'), runs: 30 },
  postgres: { queue: fromRig('BAKERY_TEST_POSTGRES_URL'), runs: 30 },
  embedded: { queue: 'embedded', runs: 8 },
};

/** The command as anybody runs it. The seeds are fixed, so that CI repeats itself. */
function selftest(...args: string[]): Promise<{ code: number; told: string }> {
  return new Promise((resolve) => {
    const given = [cli, 'selftest', '--seed', '1', ...args];
    execFile(process.execPath, given, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const told = `${stdout}${stderr}`.trim();
      // All of it when it fails: the next go may pass, and then nobody would know which invariant was broken, and how.
      console.log(error === null ? told.split('\n').at(-1) : told);
      resolve({ code: error === null ? 0 : 1, told });
    });
  });
}

/** The three queues at once: a schedule waits more than it works. */
describe.concurrent('bakery selftest with processes', () => {
  test.each(Object.entries(queues))(
    'ends its schedules on %s with everything as it should be, whoever was killed, stopped or cut off',
    async (_, { queue, runs }) => {
      const { code, told } = await selftest(
        ...['--mode', 'processes', '--runs', `${runs}`, '--at-once', '2', '--queue', queue],
      );
      expect(code, told).toBe(0);
    },
    900_000,
  );
});

describe('bakery selftest', () => {
  test('ends a thousand simulated runs with everything as it should be', async () => {
    const { code, told } = await selftest('--runs', '1000');
    expect(code, told).toBe(0);
  }, 900_000);
});
