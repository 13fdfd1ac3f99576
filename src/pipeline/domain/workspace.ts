import type { Actor } from './actor.ts';

/** One of several Slack workspaces that one Bakery serves. */
export interface Workspace {
  /** Slack's id of it. Ids of people and channels mean something only together with it. */
  team: string;
  /** What the operators call it. */
  name: string;
}

/** Where messages belong: a channel, and its workspace where there are several. */
export interface Place {
  channel: string;
  team?: string;
}

/** Where Slack shows a message. */
export interface Posted extends Place {
  ts: string;
}

/** Where the cards of a service belong. */
export const placeOf = ({ channel, workspace }: { channel: string; workspace?: Workspace }): Place => ({
  channel,
  ...(workspace === undefined ? {} : { team: workspace.team }),
});

/** Whether somebody asks from another workspace than this one. Where there is only one, nobody does. */
export const isElsewhere = (by: Actor, workspace: Workspace | undefined): boolean =>
  workspace !== undefined && by.kind === 'person' && by.team !== workspace.team;

/** Why nothing is done for somebody who asks for a service outside of its workspace. */
export const livesElsewhere = (service: string, { name }: Workspace): string =>
  `${service} belongs to the Slack workspace ${name}, and only people there act on it. Nothing was done: ask in its channel there.`;
