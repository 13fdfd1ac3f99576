import { type Notification, needsSomebody, type Receiver } from '../../pipeline/domain/notification.ts';
import type { At } from '../../pipeline/domain/time.ts';
import { webhookSignature } from '../../pipeline/webhook-signature.ts';
import { sentenceOf } from './sentence.ts';

/** One HTTP request, as a value. */
export interface Posting {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface Letter {
  notification: Notification;
  /** The name of this Bakery, so that several can tell one receiver. */
  installation: string;
  /** Where its card stands. */
  link?: string;
  now: At;
}

type Template = (receiver: Receiver, key: string, letter: Letter) => Posting;

const at = (url: string, path: string): string => `${url.replace(/\/+$/, '')}${path}`;
const json = (url: string, headers: Record<string, string>, body: object): Posting => ({
  url,
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const placeOf = ({ service, environment }: Notification): string =>
  environment === undefined ? service : `${service}.${environment}`;

/**
 * Standard Webhooks (https://www.standardwebhooks.com, specification 1.0): the id and the time stand in the signed text, so
 * that a receiver can refuse what it had already or what is old.
 */
const webhook: Template = ({ url, name }, key, { notification, installation, link, now }) => {
  const { seq, type, at: happened, ...data } = notification;
  const body = JSON.stringify({
    type,
    timestamp: new Date(happened).toISOString(),
    data: { installation, ...data, says: sentenceOf(notification), ...(link === undefined ? {} : { link }) },
  });
  const id = `${installation}.${name}.${seq}`;
  const seconds = Math.floor(now / 1_000);
  return {
    url,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': webhookSignature(key, { id, seconds, body }),
    },
    body,
  };
};

/** What makes an incident of an earlier one end. */
const mends: Partial<Record<Notification['type'], string>> = {
  'release.ready': 'release.failed',
  'deployment.live': 'deployment.failed',
};

/** PagerDuty Events API v2: what needs somebody triggers an incident, what mends it resolves it, all else is a change event. */
const pagerduty: Template = ({ url }, key, { notification, installation, link }) => {
  const { type, at: happened } = notification;
  const timestamp = new Date(happened).toISOString();
  const source = `bakery/${installation}`;
  const summary = sentenceOf(notification).slice(0, 1024);
  const links = link === undefined ? {} : { links: [{ href: link, text: 'The card in Slack' }] };
  const { seq: _, ...details } = notification;
  const incident = needsSomebody(type) ? type : mends[type];
  const resolves = !needsSomebody(type);
  if (incident === undefined)
    return json(
      at(url, '/v2/change/enqueue'),
      {},
      {
        routing_key: key,
        payload: { summary, timestamp, source, custom_details: details },
        ...links,
      },
    );
  const dedup = `${source}/${incident === 'release.failed' ? notification.service : placeOf(notification)}/${incident}`;
  return json(
    at(url, '/v2/enqueue'),
    {},
    {
      routing_key: key,
      event_action: resolves ? 'resolve' : 'trigger',
      dedup_key: dedup,
      payload: {
        summary,
        timestamp,
        source,
        severity: notification.production === true ? 'critical' : 'error',
        component: notification.service,
        ...(notification.environment === undefined ? {} : { group: notification.environment }),
        class: type,
        custom_details: details,
      },
      ...links,
    },
  );
};

const tagsOf = ({ type, service, version, environment }: Notification): [string, string][] => [
  ['service', service],
  ...(environment === undefined ? [] : [['env', environment] as [string, string]]),
  ...(version === undefined ? [] : [['version', `v${version}`] as [string, string]]),
  ['event', type],
];

/** Datadog's Events API v1, with its unified service tags. */
const datadog: Template = ({ url }, key, { notification, installation, link }) => {
  const says = sentenceOf(notification);
  const good = notification.type === 'deployment.live' || notification.type === 'deployment.finished';
  return json(
    at(url, '/api/v1/events'),
    { 'dd-api-key': key },
    {
      title: says.slice(0, 100),
      text: `${says}${link === undefined ? '' : `\n${link}`}`.slice(0, 4000),
      date_happened: Math.floor(notification.at / 1_000),
      alert_type: needsSomebody(notification.type) ? 'error' : good ? 'success' : 'info',
      aggregation_key: `${installation}.${placeOf(notification)}`.slice(0, 100),
      source_type_name: 'bakery',
      tags: [
        ...tagsOf(notification).map(([name, value]) => `${name}:${value}`),
        `installation:${installation}`,
      ],
    },
  );
};

/** Grafana's annotations, of the whole organisation: a dashboard shows those with its tags. */
const grafana: Template = ({ url }, key, { notification, installation, link }) =>
  json(
    at(url, '/api/annotations'),
    { authorization: `Bearer ${key}` },
    {
      time: notification.at,
      tags: ['bakery', installation, ...tagsOf(notification).map(([, value]) => value)],
      text: `${sentenceOf(notification)}${link === undefined ? '' : `\n<a href="${link}">The card in Slack</a>`}`,
    },
  );

/** By the word in the operators' files. */
export const templates: Record<Receiver['template'], Template> = { webhook, pagerduty, datadog, grafana };
