import {
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud.ts';

/**
 * A launch template that starts this image, and which version of it: any version, since a group of instances may be
 * held to an old one. Undefined when there is none.
 */
export async function templateOf(
  cloud: Cloud,
  image: string,
  call: Pick<Call, 'signal'>,
): Promise<string | undefined> {
  for (const id of await templates(cloud, call))
    for (const { LaunchTemplateData: data, ...version } of await versionsOf(cloud, id, image, call))
      if (data?.ImageId === image)
        return `${version.LaunchTemplateName ?? id}, version ${version.VersionNumber}`;
  return undefined;
}

async function templates(cloud: Cloud, call: Pick<Call, 'signal'>): Promise<string[]> {
  const found: string[] = [];
  let from: string | undefined;
  do {
    const page = await cloud.ask('ec2:DescribeLaunchTemplates', call, (options) =>
      cloud.ec2.send(new DescribeLaunchTemplatesCommand({ NextToken: from }), options),
    );
    found.push(...(page.LaunchTemplates ?? []).map(({ LaunchTemplateId = '' }) => LaunchTemplateId));
    from = page.NextToken === '' ? undefined : page.NextToken;
  } while (from !== undefined);
  return found;
}

async function versionsOf(
  cloud: Cloud,
  id: string,
  image: string,
  call: Pick<Call, 'signal'>,
): Promise<LaunchTemplateVersion[]> {
  const found: LaunchTemplateVersion[] = [];
  const Filters = [{ Name: 'image-id', Values: [image] }];
  let from: string | undefined;
  do {
    const command = new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: id,
      Filters,
      NextToken: from,
    });
    const page = await cloud.ask('ec2:DescribeLaunchTemplateVersions', call, (options) =>
      cloud.ec2.send(command, options),
    );
    found.push(...(page.LaunchTemplateVersions ?? []));
    from = page.NextToken === '' ? undefined : page.NextToken;
  } while (from !== undefined);
  return found;
}
