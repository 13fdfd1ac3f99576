import * as z from 'zod';

/** A path on the machine that Bakery runs on; relative ones begin at the folder of bot.yaml. */
export const path = z
  .string()
  .min(1)
  .max(1024)
  .refine((text) => !/\p{Cc}/u.test(text), { error: 'holds a control character; remove it.' });

/** A TCP port. */
export const port = z.int().min(1).max(65_535);

/** A host's name or address, without a port. */
export const host = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]{1,255}$/, { error: 'must be a host name or an address; correct it.' });

/** Bytes of `512m` or `2g`. */
export const memory = z
  .string()
  .regex(/^[1-9][0-9]{0,6}[mg]$/, { error: 'must be a size, like 512m or 2g; correct it.' })
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('g') ? 1024 ** 3 : 1024 ** 2));
