import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { awsProvider } from '../../../src/providers/aws/index.ts';
import type { AwsSettings } from '../../../src/providers/aws/settings.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import type { ProviderRig } from '../../contract/provider.ts';
import { services, start } from '../../support/bakery-services.ts';
import { fromRig } from '../../support/rig.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** What the rig has set up in its account. */
export interface Account {
  region: string;
  vpc: string;
  subnets: string[];
  securityGroup: string;
  base: string;
  bucket: string;
  loadBalancer: string;
  networkLoadBalancer: string;
  profile: string;
  endpoint: string;
  network: string;
  /** A key in each of two regions, by its ARN, and the alias that both have. */
  keys: Record<string, string>;
  keyAlias: string;
  certificate: { arn: string; pem: string };
  /** Where the load balancer is reached, if not by its own name. */
  frontDoor?: string;
  /** Of a real account, whose machines take longer. */
  types?: string[];
  boot?: number;
  patience?: number;
}

export const account = (): Account => JSON.parse(fromRig('BAKERY_TEST_AWS'));

const folder = mkdtempSync(join(tmpdir(), 'bakery-aws-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
export const store = directoryStore(folder);

export const settings = (over: Partial<AwsSettings> = {}): AwsSettings => {
  const {
    region,
    bucket,
    subnets,
    securityGroup,
    types = ['t3.small', 't3a.small'],
    boot = 25_000,
  } = account();
  const placing = { types, subnets, securityGroups: [securityGroup] };
  return {
    region,
    bucket,
    builders: placing,
    instances: { ...placing, port: 8080, boot },
    keep: async (text) => (await store.put(text)).digest,
    now: Date.now,
    ...over,
  };
};

/** What a script that acts on the account needs in its environment. */
export const credentials = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [],
    ),
  );

export const providerRig = async (over: Partial<AwsSettings> = {}): Promise<ProviderRig> => {
  const provider = () => awsProvider('aws', settings(over));
  return {
    provider: provider(),
    another: provider,
    package: (content) => tarOf(tempFolder(), { ...services, 'content.txt': content }),
    start,
    base: account().base,
    scriptEnvironment: credentials(),
    wait: async (ms) => {
      await pause(ms);
    },
  };
};

/** Tells the rig's proxy what is to go wrong, or asks it what it knows. */
export async function rigSays<Answer>(what: string, told?: unknown): Promise<Answer> {
  const response = await fetch(`${account().endpoint}/_rig/${what}`, {
    method: 'POST',
    body: told === undefined ? '' : JSON.stringify(told),
  });
  if (!response.ok) throw new Error(await response.text());
  // The rig's own answer.
  return (await response.json()) as Answer;
}
