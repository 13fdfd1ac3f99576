import { expect, it } from 'vitest';
import { limitFindings } from '../../../src/balancers/elb/limits.ts';
import { groupFindings, subnetFindings, typeFindings } from '../../../src/providers/aws/check.ts';
import { cpuFindings, imageFindings } from '../../../src/providers/aws/quotas.ts';

const placing = {
  types: ['t3.small', 'x9.huge'],
  subnets: ['subnet-1', 'subnet-2'],
  securityGroups: ['sg-1'],
};
const subnet = (SubnetId: string, AvailabilityZone: string, more = {}) => ({
  ...{ SubnetId, AvailabilityZone, VpcId: 'vpc-1', AvailableIpAddressCount: 5 },
  ...more,
});
const two = [subnet('subnet-1', 'a'), subnet('subnet-2', 'b')];
const open = { GroupId: 'sg-1', VpcId: 'vpc-1', IpPermissions: [{ FromPort: 8080 }] };
const shut = { ...open, IpPermissions: [] };

it('an account with all that is named lacks nothing', () => {
  expect(subnetFindings('instances', placing, two)).toEqual([]);
  expect(groupFindings('instances', placing, [open], two)).toEqual([]);
  expect(groupFindings('builders', placing, [shut], two)).toEqual([]);
});

it('subnets that are gone, full, in one zone or of two networks are named', () => {
  expect(subnetFindings('builders', placing, [subnet('subnet-1', 'a')])).toEqual([
    expect.stringMatching(/no subnet subnet-2.*builders\.subnets/),
  ]);
  expect(subnetFindings('instances', placing, [two[0] ?? {}, subnet('subnet-2', 'a')])).toEqual([
    expect.stringContaining('one zone'),
  ]);
  const full = subnet('subnet-2', 'b', { AvailableIpAddressCount: 0, VpcId: 'vpc-2' });
  expect(subnetFindings('instances', placing, [two[0] ?? {}, full])).toEqual([
    expect.stringContaining('no free address'),
    expect.stringContaining('several networks'),
  ]);
});

it('security groups that are gone, elsewhere, open for builders or shut for instances are named', () => {
  expect(groupFindings('instances', placing, [], two)).toEqual([
    expect.stringContaining('no security group sg-1'),
  ]);
  expect(groupFindings('builders', placing, [open], two)).toEqual([
    expect.stringContaining('lets somebody in'),
  ]);
  expect(groupFindings('instances', placing, [shut], two)).toEqual([
    expect.stringContaining('lets anybody in'),
  ]);
  expect(groupFindings('instances', placing, [{ ...open, VpcId: 'vpc-9' }], two)).toEqual([
    expect.stringContaining('another network'),
  ]);
});

it('types of instances that no zone has are named', () => {
  expect(typeFindings('instances', placing, new Map([['t3.small', ['b']]]), two)).toEqual([
    expect.stringMatching(/x9\.huge.*instances\.types/),
  ]);
});

it('quotas with just enough room are fine, and with less are said; what AWS does not tell is not guessed', () => {
  expect(cpuFindings('Standard', { limit: 32, used: 26, need: 6 })).toEqual([]);
  expect(cpuFindings('Standard', { limit: 32, used: 27, need: 6 })).toEqual([
    expect.stringMatching(/^27 of 32 virtual CPUs.*needs 6 more/),
  ]);
  expect(cpuFindings('Standard', { limit: undefined, used: 27, need: 6 })).toEqual([]);
  expect(imageFindings(10, 7)).toEqual([]);
  expect(imageFindings(10, 8)).toEqual([expect.stringContaining('8 of 10 AMIs')]);
});

it('a load balancer without room for the slots that come is named, and one for which none come is not', () => {
  const below = { listeners: { limit: 50, used: 49 }, groups: { limit: 100, used: 97 } };
  expect(limitFindings('edge', below, 1)).toEqual([]);
  expect(limitFindings('edge', below, 2)).toEqual([
    expect.stringContaining('49 of 50 listeners'),
    expect.stringContaining('97 of 100 target groups'),
  ]);
  expect(limitFindings('edge', { ...below, listeners: { limit: 50, used: 50 } }, 0)).toEqual([]);
});
