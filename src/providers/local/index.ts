import { resolve } from 'node:path';
import { onDisk } from '../../pipeline/disk-fault.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { type Provider, ready } from '../../pipeline/provider.ts';
import { forAll } from '../for-all.ts';
import { Images } from './images.ts';
import { Instances } from './instances.ts';
import { launchScript } from './script.ts';

interface LocalSettings {
  root: string;
  /** Keeps a text (a manifest) in the store, where it is compared with others. */
  keep(text: string): Promise<unknown>;
  now(): At;
}

/**
 * This machine as a cloud: images are read-only folders below `root`, instances are process groups that outlive
 * Bakery. For trial and single machines: it does not isolate, an instance may do what Bakery's user may. Linux only.
 */
export const localProvider = ({ root, keep, now }: LocalSettings): Provider => {
  const images = new Images(resolve(root), keep);
  const instances = new Instances(root, now);
  return {
    name: 'local',
    bake: (order, call) => onDisk('make the image', async () => ready(await images.bake(order, call))),
    launch: (order, call) =>
      onDisk('start the instance', async () =>
        instances.launch(order, await images.filesOf(order.image), call),
      ),
    inspect: ({ id }, health, call) =>
      onDisk('look at the instance', () => instances.inspect(id, health, call)),
    logs: ({ id }, lines) => onDisk('read the output of the instance', () => instances.logs(id, lines)),
    terminate: (id, grace, call) => onDisk('end the instance', () => instances.terminate(id, grace, call)),
    inspectImage: (image) => onDisk('look at the image', () => images.inspect(image)),
    publish: (image) => onDisk('look at the image', async () => forAll(image, await images.inspect(image))),
    removeImage: (id, call) =>
      onDisk('remove the image', async () => {
        call.ensureTime(2_000);
        await images.remove(id);
        return ready(undefined);
      }),
    list: (owner) =>
      onDisk('list what is on this machine', async () => [
        ...(await images.list(owner)),
        ...(await instances.list(owner)),
      ]),
    readsSecret: () => false,
    launchScript: (order) => launchScript(resolve(root), images.place(order.image.id), order),
  };
};
