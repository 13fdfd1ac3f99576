import {
  DescribeInstancesCommand,
  type Filter,
  type Instance as Machine,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud.ts';
import { isMadeBefore, isNoRoom, isNoSuchInstance, unless } from './faults.ts';
import type { Placing } from './settings.ts';
import type { Tag } from './tags.ts';

export type { Machine };

/** What a machine is made from, whatever it is for. */
export interface MachineOrder {
  image: string;
  /** At most 60 characters of ASCII, the same in every copy of the call. */
  token: string;
  userData: Buffer;
  tags: Tag[];
  placing: Placing;
  /** Of the places it begins with this one; the others follow. */
  first: number;
  profile?: string | undefined;
  /** The root disk, where it is encrypted by a key of its own. */
  disk?: { device: string; kmsKey: string } | undefined;
}

export const stateOf = (machine: Machine): string => machine.State?.Name ?? 'unknown';
const isEnding = (machine: Machine): boolean => ['shutting-down', 'terminated'].includes(stateOf(machine));
export const isLive = (machine: Machine): boolean => !isEnding(machine);

/** EC2 itself ended it before it ran, for want of room: as if it had not been made. */
export const hadNoRoom = (machine: Machine): boolean =>
  isEnding(machine) && (machine.StateReason?.Code ?? '').startsWith('Server.');

/** The instances of an account. */
export class Machines {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  /** All that the filters name, page by page, the oldest first; of two that are as old the one with the lower id. */
  async find(filters: Filter[], call: Pick<Call, 'signal'>): Promise<Machine[]> {
    const found: Machine[] = [];
    let from: string | undefined;
    do {
      const page = await this.#cloud.ask('ec2:DescribeInstances', call, (options) =>
        this.#cloud.ec2.send(
          new DescribeInstancesCommand({ Filters: filters, MaxResults: 500, NextToken: from }),
          options,
        ),
      );
      found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
      from = page.NextToken === '' ? undefined : page.NextToken;
    } while (from !== undefined);
    const age = ({ LaunchTime, InstanceId = '' }: Machine): string =>
      `${LaunchTime?.toISOString() ?? ''} ${InstanceId}`;
    return found.sort((one, other) => (age(one) < age(other) ? -1 : 1));
  }

  /** Undefined when EC2 does not know it, any more or yet. */
  async one(id: string, call: Pick<Call, 'signal'>): Promise<Machine | undefined> {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) return undefined;
    const answer = await unless(
      isNoSuchInstance,
      this.#cloud.ask('ec2:DescribeInstances', call, (options) =>
        this.#cloud.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }), options),
      ),
    );
    return answer?.Reservations?.[0]?.Instances?.[0];
  }

  /**
   * Makes a machine in the first place of the list that has room. The client token makes it the only one of its place,
   * also when an answer was lost; `undefined` while another copy of this call, whose user data differs, has just made it.
   */
  async make(order: MachineOrder, call: Call): Promise<Machine | undefined> {
    const places = placesOf(order.placing, order.first);
    let full: unknown;
    for (const [index, place] of places.entries()) {
      call.signal.throwIfAborted();
      try {
        const command = new RunInstancesCommand(inputOf(order, place, `${order.token}-${index}`));
        const { Instances } = await this.#cloud.change('ec2:RunInstances', call, (options) =>
          this.#cloud.ec2.send(command, options),
        );
        if (index > 0) call.log(`took ${place.type} in ${place.subnet}: the places before it had no room`);
        return Instances?.[0];
      } catch (error) {
        const cause = error instanceof ProviderError ? error.cause : error;
        if (isMadeBefore(cause)) return undefined;
        if (!isNoRoom(cause)) throw error;
        full = error;
      }
    }
    throw full;
  }

  /** Gone already is fine. */
  async end(id: string, call: Call): Promise<void> {
    await unless(
      isNoSuchInstance,
      this.#cloud.change('ec2:TerminateInstances', call, (options) =>
        this.#cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }), options),
      ),
    );
  }

  /** Of several that carry one key the oldest is kept; the others, which never did anything, go. */
  async onlyOne(found: Machine[], call: Call): Promise<Machine | undefined> {
    const [kept, ...surplus] = found.filter(isLive);
    for (const { InstanceId } of surplus) {
      call.log(`${InstanceId} is one too many and is ended`);
      await this.end(InstanceId ?? '', call);
    }
    return kept;
  }
}

/** Each type in each subnet, so that another zone comes before another type. */
export function placesOf({ types, subnets }: Placing, first: number): { type: string; subnet: string }[] {
  const turned = subnets.map((_, index) => subnets[(index + first) % subnets.length] ?? '');
  return types.flatMap((type) => turned.map((subnet) => ({ type, subnet })));
}

/** The call that makes a machine in one place. */
export function inputOf(
  { image, userData, tags, placing, profile, disk }: MachineOrder,
  { type, subnet }: { type: string; subnet: string },
  token: string,
): RunInstancesCommandInput {
  const kinds = ['instance', 'volume', 'network-interface'] as const;
  return {
    ImageId: image,
    ClientToken: token,
    MinCount: 1,
    MaxCount: 1,
    // A type that EC2 does not know yet is refused by it, with a sentence.
    InstanceType: type as NonNullable<RunInstancesCommandInput['InstanceType']>,
    SubnetId: subnet,
    SecurityGroupIds: placing.securityGroups,
    UserData: userData.toString('base64'),
    // Version 2 only, and not for what a container on the machine could ask.
    MetadataOptions: { HttpTokens: 'required', HttpEndpoint: 'enabled', HttpPutResponseHopLimit: 1 },
    TagSpecifications: kinds.map((ResourceType) => ({ ResourceType, Tags: tags })),
    ...(profile === undefined ? {} : { IamInstanceProfile: { Name: profile } }),
    ...(disk === undefined
      ? {}
      : {
          BlockDeviceMappings: [
            {
              DeviceName: disk.device,
              Ebs: { Encrypted: true, KmsKeyId: disk.kmsKey, DeleteOnTermination: true },
            },
          ],
        }),
  };
}
