import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const textsOf = (folder: string): Map<string, string> => {
  const source = new URL(`../../../src/${folder}/`, import.meta.url);
  return new Map(readdirSync(source).map((name) => [name, readFileSync(new URL(name, source), 'utf8')]));
};
const provider = textsOf('providers/aws');
const code = [...provider.values()];
const balancer = [...textsOf('balancers/elb').values()];
/** What only they need whose images go to other accounts and regions. */
const elsewhere = ['publishing.ts', 'role.ts'];

interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: { Null?: Record<string, unknown> };
}

const statements = (file: string): Statement[] =>
  JSON.parse(readFileSync(new URL(`../../../examples/aws/${file}`, import.meta.url), 'utf8')).Statement;
const actionsOf = (file: string): string[] =>
  [...new Set(statements(file).flatMap(({ Action }) => Action))].sort();

/** What EC2 asks for beside the call itself: to tag in it, and to hand over a profile. */
const implied = ['ec2:CreateTags', 'iam:PassRole'];

/** The calls of some files as IAM names them. Anybody may ask who he is (STS API Reference, GetCallerIdentity). */
const callsIn = (isMeant: (file: string) => boolean): string[] =>
  [...provider]
    .filter(([file]) => isMeant(file))
    .flatMap(([, text]) => [...text.matchAll(/'((?:[a-z][a-z0-9]+):[A-Z]\w+)'/g)])
    .map(([, call]) => call ?? '')
    .filter((call) => call !== 'sts:GetCallerIdentity');

it('the policy of a worker allows the calls that the code makes, and no other', () => {
  const calls = callsIn((file) => !elsewhere.includes(file));
  expect(calls.length).toBeGreaterThan(10);
  expect(actionsOf('worker-policy.json')).toEqual([...new Set([...calls, ...implied])].sort());
});

it('the policy of whoever publishes images allows the calls that it takes, and no other', () => {
  const calls = callsIn((file) => elsewhere.includes(file));
  expect(actionsOf('publish-policy.json')).toEqual([...new Set(calls)].sort());
});

it('it shares, copies and tags nothing that does not carry Bakery’s mark', () => {
  const marked = /"aws:(?:Resource|Request)Tag\/bakery:owner":"false"|"ec2:CreateAction":"CopyImage"/;
  for (const { Action, Condition } of statements('publish-policy.json').filter(
    ({ Action }) => Action !== 'sts:AssumeRole',
  ))
    expect(JSON.stringify(Condition), String(Action)).toMatch(marked);
});

it('the policy of a balancer allows the calls that the code makes, and no other', () => {
  const calls = balancer.flatMap((text) =>
    [...text.matchAll(/#(?:ask|change)\('([A-Z]\w+)'/g)].map(([, call]) => `elasticloadbalancing:${call}`),
  );
  expect(calls.length).toBeGreaterThan(10);
  expect(actionsOf('balancer-policy.json')).toEqual([...new Set(calls)].sort());
});

it('it changes no listener and no target group that does not carry Bakery’s mark', () => {
  for (const { Action, Condition } of statements('balancer-policy.json'))
    if ([Action].flat().some((one) => !/:Describe/.test(one)))
      expect(JSON.stringify(Condition)).toMatch(/aws:(?:Resource|Request)Tag\/bakery:slot/);
});

it('it ends nothing that does not carry Bakery’s mark', () => {
  const ends = /^ec2:(?:Delete|Deregister|Stop|Terminate)/;
  for (const { Action, Condition } of statements('worker-policy.json').filter(({ Action }) =>
    [Action].flat().some((one) => ends.test(one)),
  )) {
    expect([Action].flat().length).toBeGreaterThan(0);
    expect(Condition?.Null).toEqual({ 'aws:ResourceTag/bakery:owner': 'false' });
  }
});

it('the policy of an instance allows what its reader of secrets calls, and no other', () => {
  const reader = code.find((text) => text.includes('export const secretReader')) ?? '';
  const asked = [...reader.matchAll(/"(?:AmazonSSM|secretsmanager)\.(\w+)"/g)].map(([, call]) => call);
  const allowed = actionsOf('instance-policy.json').map((one) => one.split(':')[1]);
  expect(allowed.toSorted()).toEqual(asked.toSorted());
});
