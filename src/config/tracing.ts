import * as z from 'zod';
import { people } from './fields.ts';
import { secretReference } from './secret.ts';
import { named, strict } from './strict.ts';

const kind = 'bot.yaml';
const address = 'must be an address, like http://127.0.0.1:4318/v1/traces; correct it.';

/** Where traces are sent to (OpenTelemetry, OTLP over HTTP), where people read them, and who is shown that. */
export const tracingFile = strict(kind, {
  url: z.url({ protocol: /^https?$/, error: address }),
  headers: named(
    z.string().regex(/^[A-Za-z0-9-]{1,100}$/, { error: 'is no name of a header.' }),
    secretReference,
  ).default({}),
  link: z
    .string()
    .regex(/^https?:\/\/[^\s<>|]{1,500}$/, { error: address })
    .refine((link) => link.includes('{trace}'), {
      error: 'must contain {trace}, where the id goes; correct it.',
    })
    .optional(),
  readers: people.max(100).default(['*']),
});

export type Tracing = z.output<typeof tracingFile>;
