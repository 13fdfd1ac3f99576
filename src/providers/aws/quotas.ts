import { DescribeInstanceTypesCommand, GetEbsEncryptionByDefaultCommand } from '@aws-sdk/client-ec2';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Call } from '../../pipeline/provider.ts';
import { Amis } from './amis.ts';
import { type Cloud, clientOptions } from './cloud.ts';
import { Machines } from './machines.ts';
import { quotaGroupOf, quotaGroups } from './quota-groups.ts';

const amisCode = 'L-B665C33B';

/** How many more images there have to be room for. */
const leastImages = 3;

/** What a release needs beside what runs: a builder, and its candidate beside its new instance. */
const needOf = ({ settings: { instances, builders } }: Cloud): string[] =>
  [builders.types[0], instances.types[0], instances.types[0]].filter((type) => type !== undefined);

/** What quotas leave no room for, a sentence for each. */
export async function quotaFindings(cloud: Cloud, call: Call): Promise<string[]> {
  const quotas = new ServiceQuotasClient(clientOptions(cloud.settings));
  const limitOf = async (QuotaCode: string): Promise<number | undefined> => {
    const command = new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode });
    const { Quota } = await cloud.ask('servicequotas:GetServiceQuota', call, (options) =>
      quotas.send(command, options),
    );
    return Quota?.Value;
  };
  const running = await runningTypes(cloud, call);
  const wanted = needOf(cloud);
  const sizes = await sizesOf(cloud, [...running, ...wanted], call);
  const findings: string[] = [];
  for (const group of quotaGroups) {
    const sum = (types: readonly string[]): number =>
      types
        .filter((type) => quotaGroupOf(type) === group)
        .reduce((all, type) => all + (sizes.get(type) ?? 0), 0);
    if (sum(wanted) === 0) continue;
    const limit = await limitOf(group.code);
    findings.push(...cpuFindings(group.name, { limit, used: sum(running), need: sum(wanted) }));
  }
  const images = await new Amis(cloud).find([], call);
  return [...findings, ...imageFindings(await limitOf(amisCode), images.length)];
}

/** What is said of virtual CPUs; a quota that AWS does not tell is none that could be read. */
export function cpuFindings(
  group: string,
  { limit, used, need }: { limit: number | undefined; used: number; need: number },
): string[] {
  if (limit === undefined || used + need <= limit) return [];
  return [
    `${used} of ${limit} virtual CPUs for running On-Demand instances of the group ${group} are used, and a release needs ${need} more for its builder, its candidate and its new instance. Ask AWS to raise that quota (Service Quotas, Amazon EC2), end what is not needed, or name smaller types in bot.yaml.`,
  ];
}

export function imageFindings(limit: number | undefined, used: number): string[] {
  if (limit === undefined || used + leastImages <= limit) return [];
  return [
    `${used} of ${limit} AMIs are there, and there is no room for ${leastImages} more. Remove what is not needed, keep fewer images (\`images\` in a service's file), or ask AWS to raise that quota (Service Quotas, Amazon EC2).`,
  ];
}

/** Why its images could not be shared: an AMI that is encrypted by AWS's own key cannot (EC2 User Guide, "Share an AMI"). */
export async function sharingFindings(cloud: Cloud, call: Call): Promise<string[]> {
  const { shareWith, kmsKey, copyTo = [], region } = cloud.settings;
  if (shareWith === undefined) return [];
  const places = [{ region, kmsKey }, ...copyTo].filter((place) => place.kmsKey === undefined);
  const found = await Promise.all(
    places.map(async ({ region: at }) => {
      const there = cloud.at(at);
      const { EbsEncryptionByDefault } = await there.ask('ec2:GetEbsEncryptionByDefault', call, (options) =>
        there.ec2.send(new GetEbsEncryptionByDefaultCommand({}), options),
      );
      return EbsEncryptionByDefault === true ? [at] : [];
    }),
  );
  return found
    .flat()
    .map(
      (at) =>
        `Disks in ${at} are encrypted by default, by a key that images cannot be shared with. Name one of yours as kmsKey, of the provider or under copyTo, whose policy lets ${shareWith.join(', ')} use it.`,
    );
}

/** Of each machine that counts: on demand, and started or starting. */
async function runningTypes(cloud: Cloud, call: Call): Promise<string[]> {
  const states = [{ Name: 'instance-state-name', Values: ['pending', 'running'] }];
  const machines = await new Machines(cloud).find(states, call);
  return machines.filter((one) => one.InstanceLifecycle === undefined).map((one) => one.InstanceType ?? '');
}

async function sizesOf(cloud: Cloud, types: readonly string[], call: Call): Promise<Map<string, number>> {
  const Filters = [{ Name: 'instance-type', Values: [...new Set(types)] }];
  const sizes = new Map<string, number>();
  let from: string | undefined;
  do {
    const page = await cloud.ask('ec2:DescribeInstanceTypes', call, (options) =>
      cloud.ec2.send(new DescribeInstanceTypesCommand({ Filters, NextToken: from }), options),
    );
    for (const { InstanceType: type = '', VCpuInfo } of page.InstanceTypes ?? [])
      sizes.set(type, VCpuInfo?.DefaultVCpus ?? 0);
    from = page.NextToken === '' ? undefined : page.NextToken;
  } while (from !== undefined);
  return sizes;
}
