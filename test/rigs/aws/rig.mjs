import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  RegisterImageCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort, startServer, stopServer } from '../machine.mjs';
import { ec2Metadata } from '../machines/ec2-metadata.mjs';
import { MachineRoom } from '../machines/room.mjs';
import { python } from '../moto/python.mjs';
import { Certificates } from './certificates.mjs';
import { Ec2 } from './ec2.mjs';
import { Elb } from './elb.mjs';
import { FrontDoors } from './front-doors.mjs';
import { Keys } from './keys.mjs';
import { around, RigProxy } from './proxy.mjs';
import { Quotas } from './quotas.mjs';
import { Sharing } from './sharing.mjs';

/**
 * An AWS account on this machine: moto's interfaces behind a proxy that adds what AWS does and moto does not, and
 * machines that really boot, with Debian's own systemd and cloud-init, from what they were told.
 */
const region = 'eu-central-1';
const away = 'us-east-1';
const keyAlias = 'alias/bakery-rig';
const profile = 'bakery-rig';
const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
/** moto lets through what EC2 refuses, unless it is told not to. */
const strict = {
  MOTO_ENABLE_AMI_VALIDATION: 'true',
  MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION: 'true',
  MOTO_ENABLE_KEYPAIR_VALIDATION: 'true',
};
/** What Debian's image for EC2 says to cloud-init, and what a container lacks. */
const cloudConfig = [
  'datasource_list: [Ec2]',
  'network: {config: disabled}',
  'locale: C.UTF-8',
  'ssh_genkeytypes: []',
  '',
].join('\n');
const dmi = {
  'system-uuid': 'ec2e1916-9099-7caf-fd21-012345abcdef',
  'system-serial-number': 'ec2e1916-9099-7caf-fd21-012345abcdef',
};

let folder;
let moto;
let room;
let proxy;
let elb;
let doors;

/** The profile that instances read their secrets by. moto knows the service by what a call is signed for. */
async function makeProfile(url) {
  const scope = `${credentials.accessKeyId}/20260101/us-east-1/iam/aws4_request`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({
      ...{ Action: 'CreateInstanceProfile', Version: '2010-05-08', InstanceProfileName: profile },
    }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function account(endpoint, network) {
  const options = { region, endpoint, credentials };
  const ec2 = new EC2Client(options);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: `${network}.0.0/16` }));
  const subnets = [];
  for (const [index, zone] of ['a', 'b'].entries()) {
    const CidrBlock = `${network}.${index + 1}.0/24`;
    const wanted = { VpcId: Vpc.VpcId, CidrBlock, AvailabilityZone: `${region}${zone}` };
    subnets.push((await ec2.send(new CreateSubnetCommand(wanted))).Subnet.SubnetId);
  }
  const group = { GroupName: 'bakery', Description: 'bakery', VpcId: Vpc.VpcId };
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(group));
  const { ImageId } = await ec2.send(
    new RegisterImageCommand({ Name: 'debian-12-rig', RootDeviceName: '/dev/xvda', Architecture: 'x86_64' }),
  );
  const bucket = 'bakery-rig';
  const placed = { Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } };
  await new S3Client({ ...options, forcePathStyle: true }).send(new CreateBucketCommand(placed));
  const loadBalancer = 'bakery-rig';
  await new ElasticLoadBalancingV2Client(options).send(
    new CreateLoadBalancerCommand({ Name: loadBalancer, Subnets: subnets, Type: 'application' }),
  );
  const networkLoadBalancer = 'bakery-rig-network';
  await new ElasticLoadBalancingV2Client(options).send(
    new CreateLoadBalancerCommand({ Name: networkLoadBalancer, Subnets: subnets, Type: 'network' }),
  );
  return {
    region,
    networkLoadBalancer,
    vpc: Vpc.VpcId,
    subnets,
    securityGroup: GroupId,
    base: ImageId,
    bucket,
    loadBalancer,
    profile,
  };
}

export const rig = {
  name: 'aws',
  async start() {
    folder = mkdtempSync(join(tmpdir(), 'bakery-aws-'));
    const port = await freePort();
    moto = await startServer(
      python(folder),
      ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      port,
      { env: { ...process.env, ...strict } },
    );
    let ec2;
    room = new MachineRoom(
      join(folder, 'room'),
      ec2Metadata((address) => ec2.metadataOf(address)),
    );
    await room.open(cloudConfig, dmi);
    ec2 = new Ec2(room);
    const url = `http://127.0.0.1:${port}`;
    const addressOf = (id) => (id.startsWith('i-') ? ec2.machines.get(id)?.address : id);
    elb = new Elb(url, addressOf);
    const certificates = new Certificates(url, folder);
    doors = new FrontDoors(elb, addressOf, certificates);
    elb.start();
    const quotas = new Quotas();
    const keys = new Keys(url, ec2);
    proxy = new RigProxy(url, {
      ...around(keys.rules, { ...ec2.rules, ...new Sharing(url, ec2).rules }),
      ...quotas.rules,
      ...around(doors.rules, elb.rules),
    });
    proxy.acts = {
      lag: ({ ms }) => {
        ec2.lag = ms;
      },
      vanish: ({ id, reason }) => ec2.vanish(id, reason),
      nextImage: ({ state }) => {
        ec2.nextImage = state;
      },
      image: ({ id, state }) => {
        ec2.images.get(id).state = state;
      },
      check: ({ word }) => {
        ec2.check = word;
      },
      quotas: (values) => quotas.set(values),
      console: ({ id }) => ({ text: room.console(id) }),
    };
    const endpoint = await proxy.listen(room.host);
    // Where a machine finds AWS's interfaces; on EC2 it knows them by its region.
    mkdirSync(join(room.base, 'etc/bakery'), { recursive: true });
    writeFileSync(join(room.base, 'etc/bakery/endpoint'), endpoint);
    await makeProfile(url);
    const made = {
      ...(await account(endpoint, room.network)),
      ...{ keyAlias, frontDoor: '127.0.0.1' },
      keys: { [region]: await keys.make(region, keyAlias), [away]: await keys.make(away, keyAlias) },
      certificate: await certificates.make(region),
    };
    return {
      env: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        BAKERY_TEST_AWS: JSON.stringify({ ...made, endpoint, network: room.network }),
      },
    };
  },
  async stop() {
    proxy?.close();
    await doors?.close();
    await elb?.close();
    await room?.close();
    await stopServer(moto, 'SIGTERM');
    if (folder) rmSync(folder, { recursive: true, force: true });
  },
};
