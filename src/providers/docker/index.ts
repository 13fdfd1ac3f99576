import { type Provider, ready } from '../../pipeline/provider.ts';
import { forAll } from '../for-all.ts';
import { Engines } from './engines.ts';
import { onEngine } from './faults.ts';
import { Images } from './images.ts';
import { Instances } from './instances.ts';
import { launchScript } from './script.ts';
import type { DockerSettings } from './settings.ts';

/**
 * One or more Docker engines as a cloud: images are made by the first engine's own builder, instances are containers.
 * `name` is what the installation calls it.
 */
export const dockerProvider = (name: string, settings: DockerSettings): Provider => {
  const engines = new Engines(settings.engines);
  const images = new Images(name, engines, settings);
  const instances = new Instances(name, engines, images, settings);
  return {
    name,
    bake: (order, call) => onEngine('make the image', async () => ready(await images.bake(order, call))),
    launch: (order, call) => onEngine('start the instance', () => instances.launch(order, call)),
    inspect: (instance, health, call) =>
      onEngine('look at the instance', () => instances.inspect(instance, health, call)),
    logs: ({ id }, lines) => onEngine('read the output of the instance', () => instances.logs(id, lines)),
    terminate: (id, grace, call) => onEngine('end the instance', () => instances.terminate(id, grace, call)),
    inspectImage: (image, call) => onEngine('look at the image', () => images.inspect(image, call)),
    publish: (image, _mark, call) =>
      onEngine('look at the image', async () => forAll(image, await images.inspect(image, call))),
    removeImage: (id, call) =>
      onEngine('remove the image', async () => {
        call.ensureTime(2_000);
        await images.remove(id, call);
        return ready(undefined);
      }),
    list: (owner) =>
      onEngine('list what is on the engines', async () => [
        ...(await images.list(owner)),
        ...(await instances.list(owner)),
      ]),
    readsSecret: () => false,
    launchScript: (order) => {
      const engine = engines.for(order.mark, {});
      const at = settings.engines[engine.name];
      return at === undefined ? [] : launchScript(order, engine, at, settings);
    },
  };
};
