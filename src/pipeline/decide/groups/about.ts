import type { GroupRelease } from '../../domain/group.ts';

/** What every event of a group's release names. */
export const aboutGroup = ({ group, number }: Pick<GroupRelease, 'group' | 'number'>) => ({
  service: group,
  number,
});
