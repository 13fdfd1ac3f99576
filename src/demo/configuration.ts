import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Cloud } from './clouds/cloud.ts';
import { localCloud } from './clouds/local.ts';
import { ada, ben, deploys, team } from './people.ts';
import type { Place } from './place.ts';

/** What the demo's bot finds in its environment: the secrets that its configuration names. */
export const secretsOf = ({ secrets }: Place): Record<string, string> => ({
  BAKERY_SLACK_BOT_TOKEN: secrets.bot,
  BAKERY_SLACK_SIGNING_SECRET: secrets.signing,
  BAKERY_WEBHOOK_SECRET: secrets.webhook,
  HELLO_LOG_TOKEN: secrets.logToken,
  HELLO_VERIFY_TOKEN: `verify-${secrets.logToken}`,
});

/** Writes the operators' files of the demo. They are ordinary files: `bakery check` reads them as any others. */
export function writeConfiguration(place: Place, simulatorUrl: string, cloud: Cloud = localCloud): void {
  mkdirSync(join(place.config, 'services'), { recursive: true });
  write(join(place.config, 'bot.yaml'), botFile(place, simulatorUrl, cloud));
  write(join(place.config, 'services', 'hello.yaml'), helloFile(place, cloud));
}

const write = (file: string, content: unknown): void =>
  writeFileSync(
    file,
    `# Written by the demo at each start; edit it while the demo runs to try something.\n${stringify(content)}`,
  );

function botFile(place: Place, simulatorUrl: string, cloud: Cloud): unknown {
  return {
    name: 'demo',
    data: place.data,
    queue: 'embedded',
    slack: {
      mode: 'http',
      port: place.ports.slack,
      botToken: 'env:BAKERY_SLACK_BOT_TOKEN',
      signingSecret: 'env:BAKERY_SLACK_SIGNING_SECRET',
      apiUrl: `${simulatorUrl}/api/`,
      defaultChannel: deploys.id,
    },
    http: { host: '127.0.0.1', port: place.ports.http },
    webhooks: { generic: 'env:BAKERY_WEBHOOK_SECRET' },
    poll: '20s',
    operators: { [userInfo().username]: 'the one who runs the demo' },
    worker: { concurrency: 4 },
    providers: { [cloud.provider]: cloud.providerEntry(place) },
    balancers: { [cloud.balancer]: cloud.balancerEntry(place) },
  };
}

function helloFile(place: Place, cloud: Cloud): unknown {
  const { origin, ports } = place;
  const { provider, balancer } = cloud;
  const secret = (name: string) => ({ secret: cloud.secret?.(place, name) ?? `env:${name}` });
  const token = secret('HELLO_LOG_TOKEN');
  const managers = [ada, ben].map(({ id }) => `${team}/${id}`);
  return {
    repository: origin,
    branch: 'main',
    channel: deploys.id,
    provider,
    people: { bake: ['*'], approve: managers, rollback: managers, retire: managers },
    defaults: { provider, balancer, count: 1, drain: '5s' },
    verify: {
      settings: {
        GREETING: 'Hello from the candidate',
        LOG_TOKEN: secret('HELLO_VERIFY_TOKEN'),
        REGION: 'verify',
      },
    },
    environments: {
      dev: {
        port: ports.dev,
        promotion: 'auto',
        steps: [100],
        soak: '1s',
        retireAfter: '0s',
        settings: { GREETING: 'Hello, developers', LOG_TOKEN: token, REGION: 'dev' },
        hosts: ['dev.example.test'],
      },
      staging: {
        port: ports.staging,
        promotion: 'auto',
        steps: [100],
        soak: '1s',
        retireAfter: '0s',
        settings: { GREETING: 'Hello, testers', LOG_TOKEN: token, REGION: 'staging' },
        hosts: ['staging.example.test'],
      },
      production: {
        port: ports.production,
        production: true,
        promotion: 'approval',
        approvals: 1,
        selfApproval: true,
        steps: [10, 50, 100],
        pause: '2s',
        soak: '6s',
        retireAfter: '1h',
        settings: { GREETING: 'Hello, world', LOG_TOKEN: token },
        hosts: ['www.example.test'],
      },
    },
  };
}
