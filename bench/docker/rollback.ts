import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { askHaproxy } from '../../src/balancers/haproxy/runtime-socket.ts';
import { freePort } from '../../test/support/free-port.ts';
import { atMost, type Figure, median, seen } from '../figure.ts';
import { docker, engineUrl, timed } from './engine.ts';
import { type DockerStage, dockerStage } from './stage.ts';

const rounds = 8;

/** From the command to the first answer of the version before: still running, long gone, and by hand. */
export async function rollback(): Promise<Figure[]> {
  // The one keeps what was live, the other retires it at once; staging's front door is left for the hand.
  const world = await dockerStage({ dev: { retireAfter: '0s' }, production: { retireAfter: '1h' } });
  const [warm, cold, hand]: number[][] = [[], [], []];
  try {
    await release(world, 1);
    const first = newestImage();
    for (let round = 0; round < rounds; round++) {
      await release(world, round + 2);
      // What the one before has left to do would be measured with it.
      await world.calm('production');
      warm?.push(await timed(() => back(world, 'production')));
      await world.calm('production');
      cold?.push(await timed(() => back(world, 'dev')));
      await world.live('dev', 1, true);
      await world.calm('dev');
      hand?.push(await byHand(world, { from: newestImage(), to: first }));
    }
  } finally {
    await world.end();
  }
  const [kept = 0, gone = 0, own = 1] = [warm, cold, hand].map((times) => median(times ?? []));
  return [
    atMost('a rollback to what still runs, to its first answer', kept / 1000, 0.5, 's'),
    atMost('a rollback to what is gone against the same by hand', gone / own, 1.15, 'x'),
    seen('a rollback to what is gone', gone / 1000, 's'),
    seen('docker run, health and set weight by hand', own / 1000, 's'),
  ];
}

async function release(world: DockerStage, version: number): Promise<void> {
  world.change(version);
  await world.say('/bake hello');
  await world.live('dev', version, true);
  await world.live('production', version, false);
}

async function back(world: DockerStage, environment: 'dev' | 'production'): Promise<void> {
  const answered = answers(world.stage.place.ports[environment]);
  await Promise.all([world.say(`/rollback hello v1 ${environment}`), answered]);
}

/** Resolves with the first answer of v1 at a front door. */
async function answers(port: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const text = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
      .then((answer) => answer.text())
      .catch(() => '');
    if (text.includes('"version":"v1"')) return;
    if (Date.now() > deadline) throw new Error(`v1 did not answer on port ${port} within a minute.`);
    await pause(5);
  }
}

const newestImage = (): string => docker('image', 'ls', '--quiet', 'bakery/hello').split('\n')[0] ?? '';

/**
 * Milliseconds of `docker run`, its health and `set weight`, to the first answer, while another version serves and is asked
 * as often as in Bakery's turn; then both are taken away again.
 */
async function byHand({ stage }: DockerStage, { from, to }: { from: string; to: string }): Promise<number> {
  const { ports, data } = stage.place;
  const say = (...lines: string[]) => askHaproxy(`${data}/haproxy/admin.sock`, lines.join('; '), 2_000);
  const put = (member: string, port: number): string =>
    `set server ${member} addr 127.0.0.1 port ${port}; set server ${member} state ready`;
  const [before, after] = ['bakery.hello.staging/member1', 'bakery.hello.staging/member2'];
  const old = await started(from);
  await say(put(before, old.port), `set weight ${before} 100`);
  let id = '';
  const took = await timed(async () => {
    const answered = answers(ports.staging);
    const made = await started(to);
    id = made.id;
    await say(put(after, made.port), `set weight ${after} 100`, `set weight ${before} 0`);
    await answered;
  });
  await say(`set server ${before} state maint`, `set server ${after} state maint`);
  docker('rm', '--force', id, old.id);
  return took;
}

/** A container of the image, run by the docker client as a person would, and healthy. */
async function started(image: string): Promise<{ id: string; port: number }> {
  const network = docker('network', 'ls', '--quiet', '--filter', 'name=bakery-demo');
  const port = await freePort();
  const given = ['--publish', `127.0.0.1:${port}:8080`, '--network', network];
  const variables = ['HOST=0.0.0.0', 'PORT=8080', 'GREETING=Hello', 'LOG_TOKEN=token'];
  const env = variables.flatMap((one) => ['--env', one]);
  const argv = ['run', '--detach', ...given, ...env, '--cap-drop', 'ALL', '--read-only', image];
  const { stdout } = await promisify(execFile)('docker', ['-H', engineUrl, ...argv]);
  await healthy(port);
  return { id: stdout.trim(), port };
}

async function healthy(port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error('What was started by hand does not get healthy.');
    await pause(20);
  }
}
