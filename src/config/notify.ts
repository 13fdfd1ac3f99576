import * as z from 'zod';
import { type NotificationKind, notificationKinds, type Receiver } from '../pipeline/domain/notification.ts';
import { reminders } from './calendar-fields.ts';
import { name } from './fields.ts';
import { secretReference } from './secret.ts';
import { named, strict } from './strict.ts';

const kind = 'bot.yaml';

const about = z.enum(notificationKinds as [NotificationKind, ...NotificationKind[]], {
  error: `must be one of ${notificationKinds.join(', ')}; correct it.`,
});

/** Who outside of Slack is told what happens, by name. */
export const notifyFile = named(
  name,
  strict(kind, {
    template: z.enum(['webhook', 'pagerduty', 'datadog', 'grafana'], {
      error: 'must be webhook, pagerduty, datadog or grafana; correct it.',
    }),
    url: z.url({
      protocol: /^https?$/,
      error: 'must be an address, like https://hooks.example.com/bakery; correct it.',
    }),
    key: secretReference,
    about: z.array(about).min(1).optional(),
    services: z.array(name).min(1).max(1000).optional(),
    environments: z.array(name).min(1).max(100).optional(),
    quiet: reminders(kind).optional(),
  }),
).default({});

export const toReceivers = (file: z.output<typeof notifyFile>): Receiver[] =>
  Object.entries(file).map(([called, { about: kinds, services, environments, quiet, ...made }]) => ({
    name: called,
    ...made,
    ...(kinds === undefined ? {} : { about: kinds }),
    ...(services === undefined ? {} : { services }),
    ...(environments === undefined ? {} : { environments }),
    ...(quiet === undefined ? {} : { quiet }),
  }));
