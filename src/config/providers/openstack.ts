import { resolve } from 'node:path';
import * as z from 'zod';
import { limit } from '../fields.ts';
import { path, port } from '../place-fields.ts';
import { strict } from '../strict.ts';

/** A name or id of the cloud's own things, as its other tools take it. */
const cloudName = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !/\p{Cc}/u.test(text), { error: 'holds a control character; remove it.' });
const names = z.array(cloudName).min(1).max(32);

/** A provider of kind `openstack`, as it stands in bot.yaml: a project of one cloud. Credentials are in clouds.yaml or OS_*. */
export const openstackProviderFile = strict('bot.yaml', {
  kind: z.literal('openstack'),
  cloud: cloudName.optional(),
  cloudsFile: path.optional(),
  flavor: cloudName,
  builderFlavor: cloudName.optional(),
  network: cloudName,
  securityGroups: names.optional(),
  zones: names.optional(),
  serverGroup: cloudName.optional(),
  ports: names.optional(),
  floatingNetwork: cloudName.optional(),
  address: z.enum(['fixed', 'floating']).default('fixed'),
  shareWith: names.optional(),
  imageVisibility: z.enum(['private', 'shared', 'community']).optional(),
  imageProperties: z
    .record(
      z.string().regex(/^(?!bakery_|id$|name$|status$|visibility$)[A-Za-z][A-Za-z0-9_:.-]{0,254}$/, {
        error: "must be the name of a property of images, and none of Bakery's own (bakery_…); correct it.",
      }),
      z.string().max(255),
    )
    .optional(),
  keyPair: cloudName.optional(),
  configDrive: z.boolean().default(true),
  /** Of the object store. */
  container: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
      error: 'must be the name of a container, like bakery; correct it.',
    })
    .default('bakery'),
  port: port.default(8080),
  boot: limit.prefault('5m'),
  baking: limit.prefault('30m'),
}).refine(
  ({ shareWith, imageVisibility = 'shared' }) => shareWith === undefined || imageVisibility === 'shared',
  {
    path: ['imageVisibility'],
    error: 'must be shared, or left out, where `shareWith` names projects; correct it.',
  },
);

/** The same, checked. The path is absolute. */
export type OpenStackProviderSettings = z.output<typeof openstackProviderFile>;

export const toOpenStackProvider = (
  made: OpenStackProviderSettings,
  dir: string,
): OpenStackProviderSettings => ({
  ...made,
  ...(made.cloudsFile === undefined ? {} : { cloudsFile: resolve(dir, made.cloudsFile) }),
});
