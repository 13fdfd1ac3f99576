import { notYet, type Provider, ready } from '../../pipeline/provider.ts';
import { Baking } from './baking.ts';
import { cloudOf } from './cloud-parts.ts';
import { Commands } from './commands.ts';
import { Instances } from './instances.ts';
import { Launching } from './launching.ts';
import { key } from './marks.ts';
import { publish } from './publishing.ts';
import { launchScript } from './script.ts';
import type { Session } from './session.ts';
import { sessionOf } from './session-of.ts';
import type { OpenStackSettings } from './settings.ts';

/** An OpenStack cloud: images are Glance's, made from servers that Nova runs; instances are servers of Nova's. */
export function openStackProvider(
  name: string,
  settings: OpenStackSettings,
  session: Session = sessionOf(settings),
): Provider {
  const cloud = cloudOf(name, session, settings);
  const baking = new Baking(cloud);
  const launching = new Launching(cloud);
  const instances = new Instances(cloud);
  const commands = new Commands(cloud);
  return {
    name,
    bake: (order, call) => baking.bake(order, call),
    launch: (order, call) =>
      order.spec.once === true ? commands.launch(order, call) : launching.launch(order, call),
    inspect: (instance, health, call) => instances.inspect(instance, health, call),
    logs: ({ id }, lines, call) => instances.logs(id, lines, call),
    terminate: (id, grace, call) =>
      cloud.reports.owns(id) ? commands.remove(id, call) : instances.terminate(id, grace, call),
    async inspectImage({ id, digest }, { signal }) {
      const found = await cloud.images.get(id, signal);
      if (found === undefined) return { state: 'gone', because: 'it is not there' };
      if (found.status !== 'active') return { state: 'gone', because: `Glance says it is ${found.status}` };
      if (found[key.digest] === digest) return { state: 'present' };
      return { state: 'changed', because: 'its properties name another content' };
    },
    publish: (image, mark, call) => publish(cloud, image, mark, call),
    async removeImage(id, call) {
      call.ensureTime(2_000);
      return (await cloud.images.remove(id, call.signal)) ? ready(undefined) : notYet(2_000, 'it is in use');
    },
    list: async (owner, call) => [
      ...(await cloud.images.list(owner, call.signal)),
      ...(await instances.list(owner, call)),
      ...(await cloud.reports.list(owner, call)),
    ],
    readsSecret: () => false,
    launchScript: (order) => launchScript(name, settings, order),
  };
}
