import * as z from 'zod';
import { oneKindOf } from '../kinds.ts';
import { type AwsProviderSettings, awsProviderFile } from './aws.ts';
import { type DockerProviderSettings, dockerProviderFile, toDockerProvider } from './docker.ts';
import { type LocalProviderSettings, localProviderFile, toLocalProvider } from './local.ts';
import { type OpenStackProviderSettings, openstackProviderFile, toOpenStackProvider } from './openstack.ts';

/** A provider of bot.yaml: its `kind` decides which keys it has. One file of this folder per kind. */
export const providerFile = z.discriminatedUnion(
  'kind',
  [localProviderFile, dockerProviderFile, openstackProviderFile, awsProviderFile],
  { error: oneKindOf('local', 'docker', 'openstack', 'aws') },
);

/** A provider of the installation, checked; paths are absolute. */
export type ProviderSettings =
  | LocalProviderSettings
  | DockerProviderSettings
  | OpenStackProviderSettings
  | AwsProviderSettings;

/** `dir` is the folder of bot.yaml. */
export function toProvider(made: z.output<typeof providerFile>, dir: string): ProviderSettings {
  switch (made.kind) {
    case 'local':
      return toLocalProvider(made, dir);
    case 'docker':
      return toDockerProvider(made, dir);
    case 'openstack':
      return toOpenStackProvider(made, dir);
    case 'aws':
      return made;
  }
}

/** Whether its images are published when a release is promoted: shared with others, copied elsewhere or described. */
export function publishes(made: ProviderSettings | undefined): boolean {
  switch (made?.kind) {
    case 'openstack':
      return [made.shareWith, made.imageVisibility, made.imageProperties].some((one) => one !== undefined);
    case 'aws':
      return made.shareWith !== undefined || made.copyTo !== undefined;
    default:
      return false;
  }
}
