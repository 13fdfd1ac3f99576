import { createHash } from 'node:crypto';
import { DeleteParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { kindOf } from '../../balancers/elb/kinds.ts';
import { ElasticLoadBalancer } from '../../balancers/elb/load-balancer.ts';
import { removeSlot } from '../../balancers/elb/remove.ts';
import type { ElbSettings } from '../../balancers/elb/settings.ts';
import { type Call, type Provider, ProviderError } from '../../pipeline/provider.ts';
import { resolveBase } from '../../providers/aws/base.ts';
import { Cloud as Account, asked } from '../../providers/aws/cloud.ts';
import { awsProvider } from '../../providers/aws/index.ts';
import type { AwsSettings } from '../../providers/aws/settings.ts';
import { secretsOf } from '../configuration.ts';
import { nameInstallation } from '../installation.ts';
import type { Place } from '../place.ts';
import { CannotBegin, type Cloud } from './cloud.ts';

export interface AwsDemo {
  base: string;
  region: string;
  bucket: string;
  subnets: string[];
  securityGroup: string;
  instanceType: string;
  /** The instance profile, which has to be allowed to read the parameters below `/bakery-demo/`. */
  profile: string;
  loadBalancer: string;
  /** Where the load balancer is reached from here, when that is not its own DNS name. */
  frontDoor?: string | undefined;
  /** What all that it makes carries, and not an id of its own making: for whoever has to find it again. */
  owner?: string | undefined;
}

const port = 8080;
const environments = ['dev', 'staging', 'production'] as const;
const secrets = ['HELLO_LOG_TOKEN', 'HELLO_VERIFY_TOKEN'] as const;
const patience = 60_000;

const call = (): Call => ({
  signal: AbortSignal.timeout(patience),
  ensureTime: () => undefined,
  log: () => undefined,
});

/** One demo is one place: two on one account have names of their own. */
const nameOf = ({ root }: Place): string => createHash('sha256').update(root).digest('hex').slice(0, 12);

/** EC2 instances behind an Application Load Balancer, in the account that the SDK finds credentials of. */
export function awsCloud({ base, ...told }: AwsDemo): Cloud {
  const { region, bucket, loadBalancer } = told;
  const placing = {
    types: [told.instanceType],
    subnets: told.subnets,
    securityGroups: [told.securityGroup],
  };
  const settings: AwsSettings = {
    ...{ region, bucket, builders: placing },
    instances: { ...placing, profile: told.profile, port, boot: 4 * 60_000 },
    keep: () => Promise.reject(new Error('the demo itself bakes nothing')),
    now: Date.now,
  };
  const edge: ElbSettings = {
    ...{ region, loadBalancer, targets: 'instance', drain: 5, patience: 15_000 },
    check: { every: 5, timeout: 3, up: 2, down: 2 },
  };
  const folderOf = (place: Place): string => `/bakery-demo/${told.owner ?? nameOf(place)}`;
  const parameters = (place: Place) => secrets.map((name) => `${folderOf(place)}/${name}`);
  let host = told.frontDoor;
  return {
    provider: 'aws',
    balancer: 'elb',
    base,
    patience: 6,
    host: async () => host ?? loadBalancer,
    secret: (place, name) => `aws-ssm:${folderOf(place)}/${name}`,
    providerEntry: () => ({
      ...{ kind: 'aws', region, bucket, builders: placing },
      instances: { ...placing, profile: told.profile, port, boot: '4m' },
    }),
    balancerEntry: () => ({
      ...{ kind: 'elb', region, loadBalancer, targets: 'instance', drain: '5s' },
      ...(told.frontDoor === undefined ? {} : { host: told.frontDoor }),
    }),
    async prepare(place) {
      try {
        const account = new Account(settings);
        const found = await new ElasticLoadBalancer(edge).itself(call());
        if (kindOf(found).name === 'network')
          throw new CannotBegin(
            `${loadBalancer} is a Network Load Balancer. The demo's users keep their connections, which stay with the version that they met, so its story cannot be told there. Name an Application Load Balancer.`,
          );
        host ??= found.DNSName;
        await resolveBase(account, base, call());
        if (told.owner !== undefined) nameInstallation(place, told.owner);
        await keepSecrets(account.ssm, place, folderOf(place));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        throw new CannotBegin(
          `${error.message} The demo takes credentials as every program of AWS does; docs/aws.md says what it needs beside them.`,
        );
      }
    },
    open: () => awsProvider('aws', settings),
    async endBalancer({ ports }) {
      for (const name of environments)
        await removeSlot(edge, { slot: `hello.${name}`, port: ports[name] }, call());
    },
    async forget(place, owner) {
      await removeImages(awsProvider('aws', settings), owner);
      const command = new DeleteParametersCommand({ Names: parameters(place) });
      await asked('ssm:DeleteParameters', call(), (options) =>
        new SSMClient({ region }).send(command, options),
      );
    },
  };
}

/** An instance reads its secrets itself, so they have to be where it can. */
async function keepSecrets(ssm: SSMClient, place: Place, folder: string): Promise<void> {
  const values = secretsOf(place);
  for (const name of secrets) {
    const Value = values[name];
    const kept = {
      Name: `${folder}/${name}`,
      Value,
      Type: 'SecureString',
      Overwrite: true,
    } as const;
    await asked('ssm:PutParameter', call(), (options) => ssm.send(new PutParameterCommand(kept), options));
  }
}

async function removeImages(provider: Provider, owner: string): Promise<void> {
  const images = (await provider.list(owner, call())).filter(({ what }) => what === 'image');
  for (const id of new Set(images.map((one) => one.id))) await provider.removeImage(id, call());
}
