import * as z from 'zod';
import { channel, name } from './fields.ts';
import { port } from './place-fields.ts';
import { secretReference } from './secret.ts';
import { strict } from './strict.ts';

const kind = 'bot.yaml';

const httpUrl = z.string().refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), {
  error: 'must be a URL beginning with http:// or https://; correct it.',
});

const team = z.string().regex(/^T[A-Z0-9]{1,30}$/, {
  error:
    "must be a workspace's id, like T0123ABCDEF: the part of the browser's address in Slack that begins with T.",
});

/** How Bakery talks to one workspace. */
const connection = {
  mode: z.enum(['http', 'socket']),
  port: port.default(3000),
  botToken: secretReference,
  appToken: secretReference.optional(),
  signingSecret: secretReference.optional(),
  apiUrl: httpUrl.optional(),
  defaultChannel: channel,
  adminChannel: channel.optional(),
  cards: z.enum(['plan', 'sections']).default('plan'),
  pictures: z.boolean().default(true),
};

type Connected = z.output<z.ZodObject<typeof connection>>;

const withItsSecret = <Schema extends z.ZodType<Connected>>(schema: Schema) =>
  schema
    .refine((made) => made.mode !== 'socket' || made.appToken !== undefined, {
      path: ['mode'],
      error: '`socket` needs `appToken`: add a reference to the app-level token (xapp-…).',
    })
    .refine((made) => made.mode !== 'http' || made.signingSecret !== undefined, {
      path: ['mode'],
      error: "`http` needs `signingSecret`: add a reference to the app's signing secret.",
    });

/** One workspace, as most have it, or a list of several; the first is that of services which name none. */
export const slackFile = z.union(
  [
    withItsSecret(strict(kind, connection)),
    z
      .array(withItsSecret(strict(kind, { name, team, ...connection })))
      .min(1)
      .max(50),
  ],
  {
    error: ({ input }) =>
      typeof input === 'object'
        ? undefined
        : 'must say how one workspace is reached, or be a list of workspaces, each with `name` and `team`; correct it.',
  },
);

export type SlackFile = z.output<typeof slackFile>;
