import * as z from 'zod';
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
  region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-[0-9]$/, {
    error: 'must be a region, like eu-central-1; correct it.',
  }),
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
  kmsKey: z
    .string()
    .regex(/^(?:alias\/[A-Za-z0-9/_-]{1,250}|arn:[A-Za-z0-9:/_-]{1,300}|[0-9a-f-]{36})$/, {
      error: 'must be the id, the ARN or the alias of a KMS key; correct it.',
    })
    .optional(),
});

/** The same, checked. */
export type AwsProviderSettings = z.output<typeof awsProviderFile>;
