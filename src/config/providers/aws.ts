import * as z from 'zod';
import { accountId, callsPerSecond, kmsKey, region, role } from '../aws-fields.ts';
import { duration } from '../fields.ts';
import { port } from '../place-fields.ts';
import { strict } from '../strict.ts';

const kind = 'bot.yaml';

const id = (prefix: string, what: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), {
    error: `must be the id of ${what}, like ${prefix}-0123456789abcdef0; correct it.`,
  });

const typeName = z.string().regex(/^[a-z0-9-]{1,20}\.[a-z0-9-]{1,20}$/, {
  error: 'must be a type of instance, like t3.small; correct it.',
});

const placing = {
  types: z.array(typeName).min(1).max(10),
  subnets: z.array(id('subnet', 'a subnet')).min(1).max(16),
  securityGroups: z.array(id('sg', 'a security group')).min(1).max(16),
};

/** A provider of kind `aws`, as it stands in bot.yaml: one account in one region. */
export const awsProviderFile = strict(kind, {
  kind: z.literal('aws'),
  region,
  ...role,
  callsPerSecond,
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
    error: 'must be the name of an S3 bucket; correct it.',
  }),
  instances: strict(kind, {
    ...placing,
    profile: z
      .string()
      .regex(/^[A-Za-z0-9+=,.@_-]{1,128}$/, { error: 'must be the name of an instance profile; correct it.' })
      .optional(),
    port: port.default(8080),
    boot: duration.prefault('4m'),
  }),
  builders: strict(kind, placing),
  kmsKey: kmsKey.optional(),
  shareWith: z.array(accountId).min(1).max(100).optional(),
  copyTo: z
    .array(strict(kind, { region, kmsKey: kmsKey.optional() }))
    .min(1)
    .max(20)
    .optional(),
})
  .refine(({ copyTo = [], ...made }) => copyTo.every((place) => place.region !== made.region), {
    path: ['copyTo'],
    error: 'names the region that images are made in; remove it.',
  })
  .refine(({ copyTo = [] }) => new Set(copyTo.map((place) => place.region)).size === copyTo.length, {
    path: ['copyTo'],
    error: 'names a region twice; remove one.',
  });

/** The same, checked. */
export type AwsProviderSettings = z.output<typeof awsProviderFile>;
