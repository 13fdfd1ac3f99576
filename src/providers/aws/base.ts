import { DescribeImagesCommand, type Image } from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud.ts';
import { codeOf, isNoSuchImage, unless } from './faults.ts';

/** The AMI that a recipe's base means now. */
export interface Base {
  id: string;
  /** The name of its root device, for the disk that is made of it. */
  root: string;
}

const isAmi = (text: string): boolean => /^ami-[0-9a-f]{8,17}$/.test(text);

const unknown = (base: string, advice: string): ProviderError =>
  new ProviderError('unknown image', `The base ${base} is not there for this account. ${advice}`);

/**
 * Finds the base of a recipe: `ami-…`, `ssm:/aws/service/…` (a parameter that holds an AMI's id, as AWS, Debian and
 * Ubuntu publish them), or `OWNER/NAME` with `*` for what varies, of which the newest is taken. Throws `unknown image`
 * and `denied` for a text that is none of these.
 */
export async function resolveBase(cloud: Cloud, base: string, call: Call): Promise<Base> {
  const found = isAmi(base)
    ? await byId(cloud, base, call)
    : base.startsWith('ssm:')
      ? await byParameter(cloud, base, call)
      : await byName(cloud, base, call);
  if (found?.ImageId === undefined || found.State !== 'available')
    throw unknown(base, 'Nothing was baked; correct image.base, or have that AMI shared with this account.');
  return { id: found.ImageId, root: found.RootDeviceName ?? '/dev/xvda' };
}

async function byId(cloud: Cloud, id: string, call: Call): Promise<Image | undefined> {
  const answer = await unless(
    isNoSuchImage,
    cloud.ask('ec2:DescribeImages', call, (options) =>
      cloud.ec2.send(new DescribeImagesCommand({ ImageIds: [id] }), options),
    ),
  );
  return answer?.Images?.[0];
}

async function byParameter(cloud: Cloud, base: string, call: Call): Promise<Image | undefined> {
  const Name = base.slice('ssm:'.length);
  const answer = await unless(
    (error) => codeOf(error) === 'ParameterNotFound',
    cloud.ask('ssm:GetParameter', call, (options) =>
      cloud.ssm.send(new GetParameterCommand({ Name }), options),
    ),
  );
  const id = answer?.Parameter?.Value ?? '';
  if (!isAmi(id)) throw unknown(base, `The parameter ${Name} holds no AMI's id. Nothing was baked.`);
  return byId(cloud, id, call);
}

/** The newest that the owner has published; of two that are as new the one whose id is lower. */
async function byName(cloud: Cloud, base: string, call: Call): Promise<Image | undefined> {
  const [, owner, name] = /^([0-9]{12}|amazon|aws-marketplace|self)\/(.+)$/.exec(base) ?? [];
  if (owner === undefined || name === undefined)
    throw new ProviderError(
      'denied',
      `The base ${base} is none that AWS knows. Nothing was baked; write an AMI's id, ssm:/PARAMETER, or OWNER/NAME, like 136693071363/debian-12-amd64-*.`,
    );
  const filters = [
    { Name: 'name', Values: [name] },
    { Name: 'state', Values: ['available'] },
  ];
  const { Images = [] } = await cloud.ask('ec2:DescribeImages', call, (options) =>
    cloud.ec2.send(new DescribeImagesCommand({ Owners: [owner], Filters: filters }), options),
  );
  const age = ({ CreationDate = '', ImageId = '' }: Image): [string, string] => [CreationDate, ImageId];
  return Images.sort((one, other) => {
    const [[made, id], [otherMade, otherId]] = [age(one), age(other)];
    return made === otherMade ? (id < otherId ? -1 : 1) : made > otherMade ? -1 : 1;
  })[0];
}
