import { type Provider, ready } from '../../pipeline/provider.ts';
import { CommandReports } from '../cloud-init/command-reports.ts';
import { Bucket } from './bucket.ts';
import { Cloud } from './cloud.ts';
import { Commands } from './commands.ts';
import { Images } from './images.ts';
import { Instances } from './instances.ts';
import { Launching } from './launching.ts';
import { Machines } from './machines.ts';
import { Publishing } from './publishing.ts';
import { launchScript } from './script.ts';
import { isReadByInstance } from './secrets.ts';
import type { AwsSettings } from './settings.ts';

/**
 * An AWS account in one region as a cloud: images are AMIs, baked by a builder that nobody can log into; instances are
 * EC2 instances. `name` is what the installation calls it. Credentials are what the SDK finds where a worker runs.
 */
export const awsProvider = (name: string, settings: AwsSettings): Provider => {
  const cloud = new Cloud(settings);
  const machines = new Machines(cloud);
  const bucket = new Bucket(cloud);
  const images = new Images(name, cloud, machines, bucket);
  const publishing = new Publishing(cloud);
  const launching = new Launching(cloud, machines);
  const reports = new CommandReports(bucket);
  const instances = new Instances(name, { cloud, machines, images, launching, reports });
  const commands = new Commands({ cloud, machines, launching, instances, reports });
  return {
    name,
    bake: (order, call) => images.bake(order, call),
    launch: (order, call) =>
      order.spec.once === true ? commands.launch(order, call) : instances.launch(order, call),
    inspect: (instance, health, call) => instances.inspect(instance, health, call),
    logs: ({ id }, lines, call) => instances.logs(id, lines, call),
    terminate: (id, _grace, call) =>
      reports.owns(id) ? commands.remove(id, call) : instances.terminate(id, call),
    inspectImage: (image, call) => images.inspect(image, call),
    publish: (image, mark, call) => publishing.publish(image, mark, call),
    removeImage: async (id, call) => {
      await images.remove(id, call);
      return ready(undefined);
    },
    // Instances first: an image goes after what runs from it.
    list: async (owner, call) => [
      ...(await instances.list(owner, call)),
      ...(await images.list(owner, call)),
      ...(await reports.list(owner, call)),
    ],
    readsSecret: isReadByInstance,
    launchScript: (order) => launchScript(settings, order),
  };
};
