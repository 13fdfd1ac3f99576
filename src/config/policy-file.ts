import * as z from 'zod';
import { topics, usualMessages } from '../pipeline/domain/messages.ts';
import { isRef } from '../pipeline/domain/ref.ts';
import { repositoryProblem } from '../pipeline/domain/repository.ts';
import { accessFile, buildSecretsFile } from './access.ts';
import { reminders } from './calendar-fields.ts';
import { age, duration, insidePath, limit, name, people, urlPath, variableName } from './fields.ts';
import { hookCallsFile } from './hooks.ts';
import { memory } from './place-fields.ts';
import { environmentNameProblem } from './reserved.ts';
import { secretReference } from './secret.ts';
import { looksLikeSecret } from './secret-look.ts';
import { named, strict } from './strict.ts';

const kind = 'services/*.yaml';

const setting = z.union(
  [
    z
      .string()
      .max(32_768)
      .refine((text) => !looksLikeSecret(text), {
        error: 'looks like a secret itself: write { secret: env:NAME } and keep the value in that variable.',
      }),
    strict(kind, {
      secret: secretReference,
      as: z.enum(['variable', 'file'], { error: 'must be `variable` or `file`; correct it.' }).optional(),
    }),
  ],
  { error: settingError },
);

/** Which of the two forms was meant is told by the value; its own complaint is passed on. */
function settingError(issue: z.core.$ZodRawIssue): string {
  const general = 'must be a text in quotes, or { secret: env:NAME }; correct it.';
  if (issue.code !== 'invalid_union') return general;
  const branch = issue.errors?.[typeof issue.input === 'string' ? 0 : 1];
  const objectGiven = typeof issue.input === 'object' && issue.input !== null;
  if (typeof issue.input !== 'string' && !objectGiven) return general;
  return branch?.find((inner) => inner.code !== 'invalid_type')?.message ?? general;
}

const settings = named(variableName, setting);

const steps = z
  .array(z.int().min(1).max(100))
  .min(1)
  .max(50)
  .refine((shares) => shares.at(-1) === 100, {
    error: 'must end with 100, when the new release has all traffic.',
  })
  .refine((shares) => shares.every((share, index) => index === 0 || share > (shares[index - 1] ?? 0)), {
    error: 'must grow from step to step; correct it.',
  });

/** Who may do what: in the service, and where an environment says otherwise. */
const roles = {
  bake: people.optional(),
  approve: people.optional(),
  rollback: people.optional(),
  retire: people.optional(),
  lock: people.optional(),
  override: people.optional(),
};

const percent = z
  .string({ error: 'must be a percentage, like 1% or 0.5%.' })
  .regex(/^(?:\d{1,2}(?:\.\d{1,3})?|100)%$/, { error: 'must be a percentage, like 1% or 0.5%.' })
  .transform((text) => Number(text.slice(0, -1)) / 100);

/** What a new release may do to traffic while it moves and soaks. */
const limits = strict(kind, {
  failed: percent.prefault('5%'),
  p99: limit.optional(),
  slower: z.number().gt(1).max(1000).optional(),
});

/** What may stand in `defaults` and in each environment. */
const rung = {
  provider: name.optional(),
  balancer: name.optional(),
  traffic: z.enum(['balanced', 'none']).optional(),
  overlap: z.boolean().optional(),
  count: z.int().min(1).max(1000).optional(),
  promotion: z.enum(['auto', 'approval']).optional(),
  approvals: z.int().min(0).max(20).optional(),
  selfApproval: z.boolean().optional(),
  approveWithin: limit.optional(),
  oneOf: people.optional(),
  atDeadline: z.enum(['expire', 'ask again']).optional(),
  whenNewer: z.enum(['replace', 'queue', 'keep', 'ask']).optional(),
  steps: steps.optional(),
  pause: duration.optional(),
  soak: duration.optional(),
  limits: limits.optional(),
  probe: urlPath.optional(),
  retireAfter: duration.optional(),
  drain: duration.optional(),
  rehearse: z.boolean().optional(),
};

const environmentName = name.superRefine((text, context) => {
  const problem = environmentNameProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const hostName = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,252}[A-Za-z0-9])?$/, {
  error: 'must be a host name, without scheme and path, like db.example.com; correct it.',
});

const environment = strict(kind, {
  ...rung,
  port: z.int().min(1).max(65_535).optional(),
  production: z.boolean().default(false),
  people: strict(kind, roles).optional(),
  settings: settings.default({}),
  hosts: z.array(hostName).max(200).default([]),
});

const repository = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const problem = repositoryProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const watchedPath = insidePath.refine((path) => /^[^:!-]/.test(path), {
  error: 'must begin with a name; write it as it stands in the repository, like services/shop.',
});

/** A project at a forge. */
const forgePlace = {
  forge: z.enum(['github', 'gitlab']),
  api: z.url({
    protocol: /^https?$/,
    error: 'must be an address, like https://api.github.com; correct it.',
  }),
  project: z.string().regex(/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)+$/, {
    error: 'must be owner/name, or group/project; correct it.',
  }),
};

const topic = z.enum(topics, { error: `must be one of ${topics.join(', ')}; correct it.` });

/** `services/<name>.yaml`: what the operators say of one service. */
export const policyFileSchema = strict(kind, {
  repository,
  access: accessFile.optional(),
  folder: insidePath.default('.'),
  watch: z.array(watchedPath).min(1).max(100).optional(),
  branch: z
    .string()
    .refine(isRef, { error: "is not a branch's name by git's rules; correct it." })
    .default('main'),
  tags: z
    .string()
    .regex(/^[A-Za-z0-9._/*+-]{1,100}$/, { error: 'must be a pattern of tags, like v*; correct it.' })
    .optional(),
  channel: z
    .string()
    .regex(/^[CGD][A-Z0-9]{2,30}$/, {
      error:
        "must be a channel's id, like C0123ABCDEF; it stands at the bottom of the channel's details in Slack.",
    })
    .optional(),
  workspace: name.optional(),
  provider: name,
  people: strict(kind, roles).prefault({}),
  checks: strict(kind, {
    ...forgePlace,
    token: secretReference.optional(),
    required: z.array(z.string().min(1).max(200)).min(1).max(50),
    wait: limit
      .refine((millis) => millis <= 86_400_000, { error: 'must be at most 1d; correct it.' })
      .optional(),
  }).optional(),
  buildSecrets: buildSecretsFile.default({}),
  hooks: hookCallsFile.default({}),
  external: strict(kind, { key: secretReference, largest: memory.prefault('1g') }).optional(),
  feedback: strict(kind, {
    ...forgePlace,
    token: secretReference,
    comments: z.boolean().default(true),
  }).optional(),
  images: strict(kind, { keep: z.int().min(1).max(1000).default(10), age: age.prefault('30d') }).prefault({}),
  reminders: reminders(kind).optional(),
  messages: strict(kind, {
    thread: z.array(topic).max(50).default(usualMessages.thread),
    channel: z.array(topic).max(50).default(usualMessages.channel),
  }).prefault({}),
  defaults: strict(kind, rung).prefault({}),
  verify: strict(kind, { settings: settings.default({}) }).prefault({}),
  environments: named(environmentName, environment).refine((all) => Object.keys(all).length > 0, {
    error: 'must name at least one environment, the lowest first.',
  }),
});

export type PolicyFile = z.output<typeof policyFileSchema>;
