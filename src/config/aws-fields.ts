import * as z from 'zod';

/** What stands in bot.yaml of AWS, whatever it is for. */
export const region = z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-[0-9]$/, {
  error: 'must be a region, like eu-central-1; correct it.',
});

export const accountId = z.string().regex(/^[0-9]{12}$/, {
  error: 'must be the id of an account, 12 digits between quotes; correct it.',
});

export const kmsKey = z
  .string()
  .regex(/^(?:alias\/[A-Za-z0-9/_-]{1,250}|arn:[A-Za-z0-9:/_-]{1,300}|[0-9a-f-]{36})$/, {
    error: 'must be the id, the ARN or the alias of a KMS key; correct it.',
  });

/** A role that is assumed, where the account is another one than the worker's. */
export const role = {
  role: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/[A-Za-z0-9+=,.@_/-]{1,512}$/, {
      error: 'must be the ARN of a role, like arn:aws:iam::123456789012:role/bakery; correct it.',
    })
    .optional(),
  externalId: z
    .string()
    .regex(/^[A-Za-z0-9+=,.@:/_-]{2,1224}$/, {
      error: 'must be the external id that the role asks for; correct it.',
    })
    .optional(),
};

/** How many calls a second all workers together make; what AWS lets through differs by call and account. */
export const callsPerSecond = z.number().min(1).max(1_000).default(20);

/** The account of a role; undefined for the worker's own. */
export const accountOf = ({ role }: { role?: string | undefined }): string | undefined => role?.split(':')[4];
