import { _InstanceType } from '@aws-sdk/client-ec2';
import { expect, it } from 'vitest';
import { quotaGroupOf, quotaGroups } from '../../../src/providers/aws/quota-groups.ts';

const types = Object.values(_InstanceType);

it('each type that EC2 has is counted in a group, but those of dedicated hosts', () => {
  const uncounted = types.filter((type) => quotaGroupOf(type) === undefined);
  expect(uncounted.filter((type) => !type.startsWith('mac'))).toEqual([]);
  expect(uncounted.length).toBeGreaterThan(0);
  for (const group of quotaGroups)
    expect(types.filter((type) => quotaGroupOf(type) === group).length, group.name).toBeGreaterThan(0);
});

it.each([
  ['L-1216C47A', ['t3.small', 'c7i-flex.large', 'im4gn.large', 'is4gen.large', 'hs1.8xlarge', 'd3en.xlarge']],
  ['L-DB2E81BA', ['g5.xlarge', 'gr6.4xlarge', 'vt1.3xlarge']],
  ['L-417A185B', ['p4d.24xlarge', 'p6-b200.48xlarge']],
  ['L-74FC7D96', ['f1.2xlarge', 'f2.6xlarge']],
  ['L-7295265B', ['x1.16xlarge', 'x2iedn.xlarge', 'x8g.large']],
  ['L-1945791B', ['inf1.xlarge', 'inf2.xlarge']],
  ['L-2C3B7624', ['trn1.2xlarge', 'trn1n.32xlarge']],
  ['L-6E869C2A', ['dl1.24xlarge', 'dl2q.24xlarge']],
  ['L-F7808C92', ['hpc6a.48xlarge', 'hpc7g.4xlarge']],
  ['L-43DA4232', ['u-6tb1.metal', 'u7i-12tb.224xlarge', 'u7in-16tb.224xlarge']],
])('the quota %s counts %j', (code, counted) => {
  expect(counted.map((type) => quotaGroupOf(type)?.code)).toEqual(counted.map(() => code));
});
