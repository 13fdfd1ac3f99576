import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const read = (name: string): string =>
  readFileSync(new URL(`../../../examples/aws/${name}`, import.meta.url), 'utf8');

const statement = z.object({
  Sid: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Condition: z.unknown().optional(),
});
const document = z.object({ Statement: z.array(statement) });
const role = z.object({
  Properties: z.object({ Policies: z.array(z.object({ PolicyDocument: document })) }),
});
const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }).loose(),
  ),
});

const { Resources } = template.parse(parse(read('account.yaml')));
const statementsOf = (name: string) =>
  role.parse(Resources[name]).Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
const written = (...files: string[]) =>
  files.flatMap((file) => document.parse(JSON.parse(read(file))).Statement);

it('the roles of the account’s template allow what the policies beside it do, and no more', () => {
  expect(statementsOf('WorkerRole')).toEqual(written('worker-policy.json', 'balancer-policy.json'));
  expect(statementsOf('InstanceRole')).toEqual(written('instance-policy.json'));
});

it('the builders of the account’s template let nobody in, and its bucket is nobody else’s', () => {
  expect(Resources['BuilderGroup']?.Properties).not.toHaveProperty('SecurityGroupIngress');
  expect(Resources['Bucket']?.Properties['PublicAccessBlockConfiguration']).toEqual({
    ...{ BlockPublicAcls: true, BlockPublicPolicy: true },
    ...{ IgnorePublicAcls: true, RestrictPublicBuckets: true },
  });
});

it('names no place that stands for another one', () => {
  expect(read('account.yaml').split('\n').slice(5).join('\n')).not.toMatch(
    /\b(?:REGION|ACCOUNT|BUCKET|SUBNET)\b/,
  );
});
