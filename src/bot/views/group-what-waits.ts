import { whatOf } from '../../pipeline/domain/group-what.ts';
import type { GroupView } from '../../pipeline/views.ts';

/** The images and the settings that a yes to a group's release would be for. */
export const whatWaits = ({ members }: GroupView, where: string): string =>
  whatOf(members.map(({ service, deployments }) => ({ service, deployment: deployments[where] })));
