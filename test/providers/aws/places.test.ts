import { expect, it } from 'vitest';
import { placesOf } from '../../../src/providers/aws/machines.ts';
import { checkReference } from '../../../src/providers/aws/secrets.ts';
import { markOf, tagsOf } from '../../../src/providers/aws/tags.ts';
import { isSameMark } from '../../../src/providers/mark-fields.ts';

const mark = {
  owner: 'o',
  service: 'hello',
  version: 3,
  environment: 'staging',
  effect: 'launch.d1.0',
  generation: 2,
  epoch: 4,
};

it('another zone is tried before another type, from a place of its own for each instance', () => {
  const placing = { types: ['a', 'b'], subnets: ['x', 'y'], securityGroups: [] };
  expect(placesOf(placing, 0).map(({ type, subnet }) => type + subnet)).toEqual(['ax', 'ay', 'bx', 'by']);
  expect(placesOf(placing, 1).map(({ type, subnet }) => type + subnet)).toEqual(['ay', 'ax', 'by', 'bx']);
});

it('a mark comes back from its tags as it was', () => {
  const tags = tagsOf(mark, 'instance', 'hello');
  expect(markOf(tags)).toEqual(mark);
  expect(isSameMark(markOf(tags), { ...mark, generation: 3 })).toBe(false);
  expect(markOf([{ Key: 'Name', Value: 'somebody else’s' }])).toBeUndefined();
});

it('a secret that an instance cannot read itself is refused, and not repeated', () => {
  const secret = { name: 'KEY', file: false };
  expect(() => checkReference({ ...secret, reference: 'aws-ssm:/hello/key' })).not.toThrow();
  expect(() => checkReference({ ...secret, reference: 'file:/etc/key' })).toThrow(/KEY is file:….*aws-ssm:/);
});
