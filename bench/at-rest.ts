import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { openLedgerFile } from '../src/ledger/database.ts';
import { tableRows } from '../src/ledger/rows.ts';
import { eventually } from '../test/support/eventually.ts';
import { atMost, type Figure, median, seen } from './figure.ts';
import { processesOf, residentMegabytes } from './processes.ts';

const starts = 5;
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The demo as a newcomer has it: how soon it is ready, and what all its processes hold when nobody asks anything of it. */
export async function atRest(): Promise<Figure[]> {
  const root = mkdtempSync(join(tmpdir(), 'bakery-bench-'));
  const readyAfter: number[] = [];
  let memory: Figure[] = [];
  try {
    for (let start = 1; start <= starts; start++) {
      const began = performance.now();
      const demo = spawn(process.execPath, ['--max-semi-space-size=1', cli, 'demo', '--keep', root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      demo.stdout.on('data', (data) => {
        said += data;
      });
      await eventually('the demo shows its address', 60_000, () => said.includes('Open this page'));
      readyAfter.push((performance.now() - began) / 1000);
      if (start === starts) memory = await heldAtRest(root);
      demo.kill('SIGINT');
      await once(demo, 'exit');
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return [
    atMost("the demo's start until it is ready", median(readyAfter), 5, 's'),
    seen('the first start, which makes everything', readyAfter[0] ?? 0, 's'),
    ...memory,
  ];
}

/** With one release in dev, staging and waiting for its approval: two instances beside bot, balancer and demo. */
async function heldAtRest(root: string): Promise<Figure[]> {
  const { http } = JSON.parse(readFileSync(join(root, 'demo.json'), 'utf8')).ports;
  await fetch(`http://127.0.0.1:${http}/readyz`);
  const released = spawn(process.execPath, [cli, 'run', '--config', join(root, 'config'), '/bake hello']);
  await once(released, 'exit');
  const { data } = parse(readFileSync(join(root, 'config', 'bot.yaml'), 'utf8'));
  const ledger = openLedgerFile(data);
  const rows = tableRows(ledger.db);
  await eventually('the first release waits in production', 120_000, () =>
    rows.slot('hello', 'production')?.open.some((id) => rows.deployment(id)?.wait?.for === 'approval'),
  );
  ledger.close();
  if (!existsSync(data)) throw new Error('the demo keeps its data elsewhere');
  await pause(10_000);
  const held = processesOf(root).map((id) => ({ id, megabytes: residentMegabytes(id) }));
  const all = held.reduce((sum, { megabytes }) => sum + megabytes, 0);
  return [
    atMost("the demo's processes at rest, one release in two environments", all, 450, 'MB'),
    seen('the processes counted', held.length, 'processes'),
    seen('the largest of them', Math.max(...held.map(({ megabytes }) => megabytes)), 'MB'),
  ];
}
