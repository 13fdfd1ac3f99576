import { expect, it } from 'vitest';
import { groupFindings, subnetFindings, typeFindings } from '../../../src/providers/aws/check.ts';

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
