import type { Workspace } from '../pipeline/domain/workspace.ts';
import type { Message, Outbox } from '../pipeline/outbox.ts';
import type { Pipeline, Queries } from '../pipeline/pipeline.ts';

/** All workspaces that this Bakery serves; none has a name where there is only one. */
export type Workspaces = readonly (Workspace | undefined)[];

/** The workspace of a service, or of a group of them, where there are several. */
export const workspaceNamed = ({ query }: Pick<Pipeline, 'query'>, name: string): Workspace | undefined =>
  query.policy(name)?.workspace ?? query.groups().find(({ group }) => group === name)?.workspace;

/**
 * The pipeline as one workspace is shown it: only messages of its own, so that none can leave by its token that belongs
 * to another one, and people of other workspaces as such, since their ids mean somebody else here.
 */
export function shownIn(pipeline: Pipeline, workspace: Workspace | undefined, all: Workspaces): Pipeline {
  const { outbox, query } = pipeline;
  const see = seenFrom(workspace, all);
  const isOurs = (message: Message): boolean => message.team === workspace?.team;
  const ours = (message: Message | undefined): Message | undefined =>
    message !== undefined && isOurs(message) ? message : undefined;
  const shown: Outbox = {
    due: async (limit) => (await outbox.due(limit, workspace?.team ?? null)).filter(isOurs),
    find: async (key) => ours(await outbox.find(key)),
    at: async (channel, ts) => ours(await outbox.at(channel, ts, workspace?.team ?? null)),
    note: async (seq) => see(await outbox.note(seq)),
    told: async (seq) => see(await outbox.told(seq)),
    shown: (key, at) => outbox.shown(key, at),
    uploading: (key, file) => outbox.uploading(key, file),
    postponed: (key, wait) => outbox.postponed(key, wait),
    lost: (key) => outbox.lost(key),
    givenUp: (key, why) => outbox.givenUp(key, why),
  };
  return {
    handle: (command) => pipeline.handle(command),
    requestRelease: (order) => pipeline.requestRelease(order),
    traced: (asked, answer) => pipeline.traced(asked, answer),
    subscribe: (listener) => pipeline.subscribe(listener),
    outbox: shown,
    query: workspace === undefined ? query : seen(query, see),
  };
}

/** The same for whoever asks there: he knows the services of his own workspace. */
export function usedIn(pipeline: Pipeline, workspace: Workspace | undefined): Pipeline {
  if (workspace === undefined) return pipeline;
  const { query } = pipeline;
  const policy: Queries['policy'] = (service) => {
    const found = query.policy(service);
    return found?.workspace?.team === workspace.team ? found : undefined;
  };
  const known = <View>(service: string, ask: () => Promise<View>): Promise<View | undefined> =>
    policy(service) === undefined ? Promise.resolve(undefined) : ask();
  return {
    ...pipeline,
    query: {
      ...query,
      policy,
      services: () => query.services().filter((service) => policy(service) !== undefined),
      service: (service) => known(service, () => query.service(service)),
      release: (service, version) => known(service, () => query.release(service, version)),
      groups: () => query.groups().filter((group) => group.workspace?.team === workspace.team),
      group: async (group, number) => {
        const view = await query.group(group, number);
        return view?.policy.workspace?.team === workspace.team ? view : undefined;
      },
      groupHistory: async (group, limit) =>
        workspaceNamed(pipeline, group)?.team === workspace.team ? query.groupHistory(group, limit) : [],
      images: (service) => known(service, () => query.images(service)),
      changes: (service, from, to) => known(service, () => query.changes(service, from, to)),
      log: (service, version, stage) => known(service, () => query.log(service, version, stage)),
      deployment: async (id) => {
        const view = await query.deployment(id);
        return view === undefined || policy(view.release.service) === undefined ? undefined : view;
      },
    },
  };
}

type See = <View>(view: View) => View;

/** What the core knows, with the people of other workspaces marked as such. */
const seen = (query: Queries, see: See): Queries => ({
  ...query,
  installation: () => see(query.installation()),
  liveAt: async (service, at) => see(await query.liveAt(service, at)),
  overrides: async (service, limit) => see(await query.overrides(service, limit)),
  service: async (service) => see(await query.service(service)),
  release: async (service, version) => see(await query.release(service, version)),
  deployment: async (id) => see(await query.deployment(id)),
  history: async (service, limit) => see(await query.history(service, limit)),
  group: async (group, number) => see(await query.group(group, number)),
  groupHistory: async (group, limit) => see(await query.groupHistory(group, limit)),
});

/**
 * Marks who is of another workspace, and leaves those out of lists who may do something there: they may not here. Rows
 * are plain JSON; most name nobody from elsewhere and are left as they are.
 */
export function seenFrom(workspace: Workspace | undefined, all: Workspaces): See {
  if (workspace === undefined) return (view) => view;
  const { team } = workspace;
  const foreign = new RegExp(`"team":"(?!${team}")|"(?!${team}/)T[A-Z0-9]+/[A-Z]`);
  const isForeignKey = (one: unknown): boolean =>
    typeof one === 'string' && /^T[A-Z0-9]+\/[A-Z]/.test(one) && !one.startsWith(`${team}/`);
  const nameOf = (team: string): string => all.find((one) => one?.team === team)?.name ?? team;
  return (view) => {
    const text = JSON.stringify(view) ?? '';
    if (!foreign.test(text)) return view;
    return JSON.parse(text, (_, value: unknown) => {
      if (Array.isArray(value)) return value.filter((one) => !isForeignKey(one));
      return isPerson(value) && value.team !== team ? { ...value, from: nameOf(value.team) } : value;
    });
  };
}

const isPerson = (value: unknown): value is { kind: 'person'; team: string } =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  value.kind === 'person' &&
  'team' in value &&
  typeof value.team === 'string';
