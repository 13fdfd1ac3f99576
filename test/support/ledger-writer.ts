import { openLedgerFile } from '../../src/ledger/database.ts';
import { CoreWorld } from './core-world.ts';
import { rpc } from './rpc.ts';

// A process that asks for one release after the other, as fast as it can, and tells of each that was acknowledged.
const world = new CoreWorld(undefined, openLedgerFile(JSON.parse(process.argv[2] ?? '')));
const tell = rpc(process, {});
for (let count = 0; ; count++) {
  // Several at once, so that they share a transaction.
  const pushes = [0, 1, 2].map((one) => world.push(`${process.pid} ${count} ${one}`));
  for (const answer of await Promise.all(pushes)) {
    if (!('version' in answer)) continue;
    void tell('acknowledged', answer.version);
    process.stdout.write(`acknowledged ${answer.version}\n`);
  }
}
