import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkLoadBalancer } from '../../../src/balancers/elb/check.ts';
import { checkAccount } from '../../../src/providers/aws/check.ts';
import { account, settings } from './account.ts';
import { elbSettings } from './elb-world.ts';

const template = readFileSync(new URL('../../../examples/aws/account.yaml', import.meta.url), 'utf8');

/** CloudFormation, as anybody may ask it. */
async function ask(fields: Record<string, string>): Promise<string> {
  const scope = `testing/20260101/${account().region}/cloudformation/aws4_request`;
  const response = await fetch(account().endpoint, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Version: '2010-05-15', ...fields }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

it('an account that was made by the template lacks nothing', { timeout: 120_000 }, async () => {
  const StackName = 'bakery-account';
  await ask({
    Action: 'CreateStack',
    StackName,
    // moto takes the zones of us-east-1 where the template leaves the region to AWS.
    TemplateBody: template.replaceAll('{ "Fn::GetAZs": "" }', `{ "Fn::GetAZs": "${account().region}" }`),
    'Capabilities.member.1': 'CAPABILITY_IAM',
  });
  // moto, which ends with the rig, cannot take a network down in the right order.
  const said = await ask({ Action: 'DescribeStacks', StackName });
  const out = (name: string): string =>
    new RegExp(`<OutputKey>${name}</OutputKey>\\s*<OutputValue>([^<]*)`).exec(said)?.[1] ?? '';
  const subnets = out('Subnets').split(',');
  const made = settings();
  const placing = (group: string) => ({ types: ['t3.small'], subnets, securityGroups: [out(group)] });
  const { zones, findings } = await checkAccount(
    {
      ...made,
      bucket: out('Bucket'),
      builders: placing('BuilderGroup'),
      instances: { ...made.instances, ...placing('InstanceGroup'), profile: out('InstanceProfile') },
    },
    account().base,
  );
  expect(findings).toEqual([]);
  const slot = { slot: 'hello.production', port: 8001 };
  expect(await checkLoadBalancer(elbSettings({ loadBalancer: out('LoadBalancer') }), [slot], zones)).toEqual(
    [],
  );
});
