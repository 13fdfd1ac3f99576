import { describe, expect, it } from 'vitest';
import { goodBot, goodService, load, problemsOf } from './installation.ts';

const placing = '{ types: [t3.small], subnets: [subnet-01234567], securityGroups: [sg-01234567] }';
const aws = (region: string, more = ''): string =>
  `{ kind: aws, region: ${region}, bucket: bakery, instances: ${placing}, builders: ${placing}${more} }`;
const files = (home: string, far: string) => ({
  'bot.yaml': goodBot.replace(
    'balancers:',
    `  home: ${aws('eu-central-1', home)}\n  far: ${far}\nbalancers:`,
  ),
  'services/hello.yaml': goodService
    .replace('provider: machine', 'provider: home')
    .replace('{ port: 7002 }', '{ port: 7002, provider: far }'),
});
const role = 'arn:aws:iam::222233334444:role/bakery';

describe('an environment of another place than where images are made', () => {
  it('is refused where its region gets no copy, and its account may not start them', async () => {
    expect(await problemsOf(files('', aws('us-east-1')))).toEqual([
      expect.stringMatching(/services\/hello.yaml:\d+: .*us-east-1.*`copyTo`/),
    ]);
    expect(await problemsOf(files('', aws('eu-central-1', `, role: "${role}"`)))).toEqual([
      expect.stringMatching(/222233334444.*`shareWith`/),
    ]);
    expect(await problemsOf(files('', '{ kind: local, root: far }'))).toEqual([
      expect.stringContaining('of kind local cannot start them'),
    ]);
  });

  it('is fine where they are copied and shared, and then they are published', async () => {
    const all = files(
      ', shareWith: ["222233334444"], copyTo: [{ region: us-east-1, kmsKey: alias/far }]',
      aws('us-east-1', `, role: "${role}", externalId: bakery`),
    );
    const { config } = await load(all);
    expect(config.policies.get('hello')?.publishes).toBe(true);
  });

  it('cannot be where images are made already, nor be named twice', async () => {
    const twice = ', copyTo: [{ region: us-east-1 }, { region: us-east-1 }]';
    expect(await problemsOf(files(twice, aws('us-east-1')))).toEqual([
      expect.stringMatching(/copyTo.*twice/),
    ]);
    expect(await problemsOf(files(', copyTo: [{ region: eu-central-1 }]', aws('eu-central-1')))).toEqual([
      expect.stringMatching(/copyTo.*made in/),
    ]);
  });
});
