import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tellStory } from './auto.ts';
import { type AwsDemo, awsCloud } from './clouds/aws.ts';
import { CannotBegin, type Cloud } from './clouds/cloud.ts';
import { dockerCloud } from './clouds/docker.ts';
import { localCloud } from './clouds/local.ts';
import { openStackCloud } from './clouds/openstack.ts';
import { runDemo } from './demo.ts';
import { placeAt } from './place.ts';
import { forget } from './teardown.ts';
import { tellTogetherStory } from './together/story.ts';
import { tellWorkerStory } from './worker/story.ts';

export interface DemoOptions {
  auto?: boolean;
  story: 'hello' | 'worker' | 'together';
  keep?: string;
  provider: 'local' | 'docker' | 'openstack' | 'aws';
  /** Of Docker: where its engine answers. */
  engine: string;
  /** Of Docker, OpenStack and AWS: the image with Node.js that the service's image is made on. */
  baseImage: string;
  /** Of OpenStack: what servers are made as, and where. */
  flavor: string;
  network: string;
  /** Of AWS: where it runs, what is there for it. */
  region: string;
  bucket?: string;
  subnets?: string;
  securityGroup?: string;
  instanceType: string;
  profile?: string;
  /** Of OpenStack and AWS: the load balancer, and where its front doors are reached. */
  loadBalancer?: string;
  frontDoor?: string;
  /** Of AWS: what all that it makes carries. */
  owner?: string;
}

/** `bakery demo`. Returns the exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  try {
    const cloud = cloudOf(options);
    return await (options.auto === true ? byItself(cloud, options) : forPerson(cloud, options));
  } catch (error) {
    if (!(error instanceof CannotBegin)) throw error;
    console.error(error.message);
    return 1;
  }
}

function cloudOf(options: DemoOptions): Cloud {
  const { provider, engine, baseImage: base, flavor, network, loadBalancer, frontDoor: host } = options;
  switch (provider) {
    case 'aws':
      return awsCloud(awsOf(options));
    case 'local':
      return localCloud;
    case 'docker':
      return dockerCloud({ engine, base });
    case 'openstack':
      return openStackCloud({
        ...{ base, flavor, network },
        front:
          loadBalancer === undefined ? undefined : { loadBalancer, ...(host === undefined ? {} : { host }) },
      });
  }
}

/** Throws {@link CannotBegin}: an account has no names that everybody's has. */
function awsOf({ baseImage: base, bucket, subnets, securityGroup, profile, ...told }: DemoOptions): AwsDemo {
  if (bucket === undefined || subnets === undefined || securityGroup === undefined || profile === undefined)
    throw new CannotBegin(
      'On AWS the demo needs --base-image (an AMI with Node.js), --bucket, --subnets, --security-group and --profile: docs/aws.md says how to make them.',
    );
  const { region, instanceType, loadBalancer = 'bakery', frontDoor, owner } = told;
  return {
    ...{ base, bucket, subnets: subnets.split(','), securityGroup, profile },
    ...{ region, instanceType, loadBalancer, frontDoor, owner },
  };
}

async function forPerson(cloud: Cloud, { provider, keep, story }: DemoOptions): Promise<number> {
  if (story !== 'hello') throw new CannotBegin(`The story ${story} is told by itself: add --auto.`);
  // What was begun on one cloud cannot go on on another.
  await runDemo({ root: resolve(keep ?? (provider === 'local' ? '.demo' : `.demo-${provider}`)), cloud });
  return 0;
}

async function byItself(cloud: Cloud, { keep, story, provider }: DemoOptions): Promise<number> {
  if (story !== 'hello' && provider !== 'local')
    throw new CannotBegin(`The story ${story} needs its database on this machine: leave --provider out.`);
  const tell = { hello: tellStory, worker: tellWorkerStory, together: tellTogetherStory }[story];
  const root = keep === undefined ? mkdtempSync(join(tmpdir(), 'bakery-demo-')) : resolve(keep);
  try {
    const good = await tell(root, console.log, cloud);
    if (keep === undefined) await forget(await placeAt(root), cloud);
    else console.log(`The data directory was kept: ${root}`);
    return good ? 0 : 1;
  } finally {
    if (keep === undefined) rmSync(root, { recursive: true, force: true });
  }
}
