import { resolve } from 'node:path';
import { toBalancer } from './balancers/index.ts';
import { type BotFile, isQueueUrl } from './bot-file.ts';
import type { FreezeWindow } from './calendar.ts';
import type { Config } from './config.ts';
import { toReceivers } from './notify.ts';
import { toProvider } from './providers/index.ts';
import { Secret } from './secret.ts';
import { toWorkspaces } from './workspaces.ts';

export type BotSettings = Omit<Config, 'policies' | 'groups' | 'remindersOf' | 'files'>;

/** The installation that `bot.yaml` writes down; a sentence where its queue's variable is missing or wrong. */
export function toBot(
  file: BotFile,
  dir: string,
  env: Readonly<Record<string, string | undefined>>,
): { bot: BotSettings; queueProblem: string | undefined } {
  const data = resolve(dir, file.data);
  const url = typeof file.queue === 'string' ? file.queue : env[file.queue.env];
  const bot: BotSettings = {
    dir,
    name: file.name,
    data,
    queue: toQueue(url ?? 'embedded', data),
    store: resolve(dir, file.store ?? `${file.data}/store`),
    control: resolve(dir, file.control ?? `${file.data}/control.sock`),
    slack: toWorkspaces(file.slack),
    http: file.http,
    webhooks: toWebhooks(file.webhooks),
    poll: file.poll,
    worker: {
      concurrency: file.worker.concurrency,
      scratch: resolve(dir, file.worker.scratch ?? `${file.data}/scratch`),
      port: file.worker.port ?? 0,
      ...(file.worker.builds === undefined ? {} : { builds: file.worker.builds }),
    },
    providers: new Map(Object.entries(file.providers).map(([name, made]) => [name, toProvider(made, dir)])),
    balancers: new Map(Object.entries(file.balancers).map(([name, made]) => [name, toBalancer(made, dir)])),
    admins: file.admins,
    freezes: Object.entries(file.freezes).map(([name, made]) => toWindow(name, made)),
    ...(file.reminders === undefined ? {} : { reminders: file.reminders }),
    ...(file.anchors === undefined ? {} : { anchors: toAnchors(file.anchors, dir) }),
    ...(file.traces === undefined ? {} : { traces: file.traces }),
    notify: toReceivers(file.notify),
    ...(file.prices === undefined ? {} : { prices: file.prices }),
    operators: new Map(Object.entries(file.operators)),
  };
  return { bot, queueProblem: queueProblem(file.queue, url) };
}

function queueProblem(queue: BotFile['queue'], url: string | undefined): string | undefined {
  if (typeof queue === 'string') return undefined;
  if (url === undefined || url === '')
    return `The variable ${queue.env} is not set where this runs; set it to the queue's URL.`;
  return isQueueUrl(url)
    ? undefined
    : `The variable ${queue.env} does not hold \`embedded\`, a redis:// or a postgres:// URL; correct it.`;
}

function toQueue(url: string, data: string): Config['queue'] {
  if (url === 'embedded') return { kind: 'embedded', url: new Secret(`embedded:${resolve(data, 'queue')}`) };
  return { kind: url.startsWith('redis') ? 'redis' : 'postgres', url: new Secret(url) };
}

const toWindow = (
  name: string,
  { services, environments, ...made }: BotFile['freezes'][string],
): FreezeWindow => ({
  name,
  ...made,
  ...(services === undefined ? {} : { services }),
  ...(environments === undefined ? {} : { environments }),
});

const toAnchors = (
  { file, channel, every }: NonNullable<BotFile['anchors']>,
  dir: string,
): NonNullable<Config['anchors']> => ({
  every,
  ...(file === undefined ? {} : { file: resolve(dir, file) }),
  ...(channel === undefined ? {} : { channel }),
});

const toWebhooks = ({ github, gitlab, generic }: BotFile['webhooks']): Config['webhooks'] => ({
  ...(github === undefined ? {} : { github }),
  ...(gitlab === undefined ? {} : { gitlab }),
  ...(generic === undefined ? {} : { generic }),
});
