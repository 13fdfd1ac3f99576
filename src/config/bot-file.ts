import * as z from 'zod';
import { balancerFile } from './balancers/index.ts';
import { buildsFile } from './builds.ts';
import { anchors, freezes, reminders } from './calendar-fields.ts';
import { duration, name, people } from './fields.ts';
import { groupsFile } from './groups.ts';
import { notifyFile } from './notify.ts';
import { host, path, port } from './place-fields.ts';
import { providerFile } from './providers/index.ts';
import { secretReference } from './secret.ts';
import { slackFile } from './slack-file.ts';
import { named, strict } from './strict.ts';
import { tracingFile } from './tracing.ts';

const kind = 'bot.yaml';

const prices = strict(kind, {
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'must be the three letters of a currency, like EUR; correct it.' }),
  asOf: z
    .string()
    .regex(/^20\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$/, {
      error: 'must be the month or the day that the prices are of, like 2025-06; correct it.',
    })
    .optional(),
  instanceHour: named(name, z.number().min(0).max(10_000)),
  imageMonth: named(name, z.number().min(0).max(10_000)).optional(),
});

const queueError =
  'must be `embedded`, redis://host:port/db, postgres://host:port/database or { env: NAME }; correct it.';
const queueUrl = z
  .string({ error: queueError })
  .refine((text) => isQueueUrl(text), { error: queueError, abort: true })
  .refine((text) => text === 'embedded' || new URL(text).password === '', {
    error: 'holds a password: write { env: NAME } and keep the URL in that variable.',
  });

/** Whether a text is a queue's address. */
export const isQueueUrl = (text: string): boolean =>
  text === 'embedded' || (/^(rediss?|postgres(ql)?):\/\/\S+$/.test(text) && URL.canParse(text));

/** `bot.yaml`: the installation, in its operators' words. */
export const botFileSchema = strict(kind, {
  name,
  data: path,
  queue: z
    .union([queueUrl, strict(kind, { env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) })], {
      error: (issue) => unionMessage(issue) ?? queueError,
    })
    .default('embedded'),
  store: path.optional(),
  control: path.optional(),
  slack: slackFile,
  http: strict(kind, { host: host.default('127.0.0.1'), port: port.default(8080) }).prefault({}),
  webhooks: strict(kind, {
    github: secretReference.optional(),
    gitlab: secretReference.optional(),
    generic: secretReference.optional(),
  }).prefault({}),
  poll: duration
    .refine((millis) => millis === 0 || millis >= 1000, {
      error: 'must be at least 1s, or 0s to never look.',
    })
    .prefault('1m'),
  worker: strict(kind, {
    concurrency: z.int().min(1).max(256).default(4),
    scratch: path.optional(),
    port: port.optional(),
    builds: buildsFile.optional(),
  }).prefault({}),
  providers: named(name, providerFile),
  balancers: named(name, balancerFile),
  services: path.default('services/*.yaml'),
  groups: groupsFile,
  admins: people.max(100).default([]),
  freezes,
  reminders: reminders(kind).optional(),
  anchors: anchors.optional(),
  traces: tracingFile.optional(),
  notify: notifyFile,
  prices: prices.optional(),
  operators: named(
    z
      .string()
      .regex(/^[a-z_][a-z0-9_.-]{0,63}$/i, { error: 'is not the name of an account on this machine.' }),
    z.string().min(1).max(100),
  ).default({}),
});

export type BotFile = z.output<typeof botFileSchema>;

/** The text's own complaint, when a text stood there. */
function unionMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_union' || typeof issue.input !== 'string') return undefined;
  return issue.errors?.flat().find((inner) => inner.code === 'custom')?.message;
}
