import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { Engine } from '../engine.ts';
import { unlessGone } from '../faults.ts';
import { readRun } from './run-wire.ts';

/**
 * A process that starts one container of a build, passes its output on, and ends when it ends. It runs as a command
 * of the worker's keeper, so that SIGTERM comes to it when the build is cancelled, takes too long, or the worker is
 * gone: then the container is killed and removed.
 */
const { engine: settings, container: id } = readRun(process.argv[2]);
const engine = new Engine('builder', settings);
const container = engine.patient.getContainer(id);
/** An engine that is away so long is told to the worker. */
const patience = 60_000;
const lookEvery = 250;

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    const ended = (): void => process.exit(143);
    engine.docker.getContainer(id).remove({ force: true, v: true }).then(ended, ended);
  });

/** Its output from now on, until the engine ends it. */
async function follow(one: Container): Promise<{ over: Promise<void> }> {
  const stream = await one.attach({ stream: true, stdout: true, stderr: true });
  const [out, err] = [new PassThrough(), new PassThrough()];
  one.modem.demuxStream(stream, out, err);
  const close = (): void => {
    out.end();
    err.end();
  };
  stream.once('end', close).once('close', close).once('error', close);
  const passed = Promise.all([
    pipeline(out, process.stdout, { end: false }),
    pipeline(err, process.stderr, { end: false }),
  ]);
  return {
    over: passed.then(
      () => undefined,
      () => undefined,
    ),
  };
}

/**
 * With live-restore a container outlives its engine's restart: it is followed again when the engine is back. Undefined
 * once it has ended.
 */
async function followAgain(): Promise<{ over: Promise<void> } | undefined> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      const seen = await unlessGone(engine.docker.getContainer(id).inspect());
      return seen?.State.Running === true ? await follow(container) : undefined;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(500);
    }
  }
}

let last = await follow(container);
await container.start();
for (;;) {
  // Its output ends with it, or with its engine, or because it closed its output: so it is looked at.
  await last.over;
  const again = await followAgain();
  if (again === undefined) break;
  last = again;
  await pause(lookEvery);
}
process.exit(0);
