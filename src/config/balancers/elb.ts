import * as z from 'zod';
import { callsPerSecond, region, role } from '../aws-fields.ts';
import { limit } from '../fields.ts';
import { host } from '../place-fields.ts';
import { strict } from '../strict.ts';

/** A time in whole seconds within what AWS takes. */
const seconds = (least: number, most: number) =>
  limit.refine((millis) => millis % 1_000 === 0 && millis >= least * 1_000 && millis <= most * 1_000, {
    error: `must be whole seconds from ${least}s to ${most}s; correct it.`,
  });
const goes = z.int().min(2).max(10);

/** A balancer of kind `elb`, as it stands in bot.yaml: an Application or Network Load Balancer that is there. */
export const elbBalancerFile = strict('bot.yaml', {
  kind: z.literal('elb'),
  region,
  ...role,
  callsPerSecond,
  loadBalancer: z.string().regex(/^(?:[A-Za-z0-9-]{1,32}|arn:[A-Za-z0-9:/_-]{1,300})$/, {
    error: 'must be the name or the ARN of a load balancer; correct it.',
  }),
  host: host.optional(),
  certificate: z
    .string()
    .regex(/^arn:[A-Za-z0-9:/_-]{1,300}$/, { error: 'must be the ARN of a certificate; correct it.' })
    .optional(),
  targets: z.enum(['instance', 'ip']).default('instance'),
  check: strict('bot.yaml', {
    every: seconds(5, 300).prefault('5s'),
    timeout: seconds(2, 120).prefault('3s'),
    up: goes.default(2),
    down: goes.default(2),
  })
    .prefault({})
    .refine(({ every, timeout }) => timeout < every, {
      error: 'timeout must be shorter than every; correct it.',
    }),
  drain: seconds(1, 3_600).prefault('30s'),
});

/** The same, checked. */
export type ElbBalancerSettings = z.output<typeof elbBalancerFile>;
