import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../machine.mjs';
import { startHaproxy } from './process.mjs';

/** A HAProxy of our own with Bakery's ready configuration: master and worker on loopback, state in a folder. */
const slotCount = 60;
let directory;
let haproxy;

const run = async () => {
  haproxy = await startHaproxy(directory);
};

export const rig = {
  name: 'haproxy',
  async start() {
    // The product's own ready configuration, so that it is what is tested.
    const { haproxyConfiguration } = await import('../../../dist/balancers/haproxy/configuration.js');
    directory = mkdtempSync(join(tmpdir(), 'bakery-haproxy-'));
    const stateDir = join(directory, 'state');
    mkdirSync(stateDir);
    const slots = [];
    while (slots.length < slotCount)
      slots.push({ slot: `slot${slots.length}.production`, port: await freePort(), places: 8 });
    for (const { slot } of slots) writeFileSync(join(stateDir, `bakery.${slot}.paths`), '');
    const at = { socket: join(directory, 'admin.sock'), master: join(directory, 'master.sock'), stateDir };
    const config = join(directory, 'haproxy.cfg');
    writeFileSync(config, haproxyConfiguration({ ...at, host: '127.0.0.1', slots }));
    await run();
    return { env: { BAKERY_TEST_HAPROXY: JSON.stringify({ ...at, slots, config }) } };
  },
  async stop() {
    await haproxy?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
  },
  halt: () => haproxy.kill(),
  resume: run,
  reload: () => haproxy.reload(),
};
