import type { At } from '../pipeline/domain/time.ts';
import { livesElsewhere, type Workspace } from '../pipeline/domain/workspace.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Bot } from './asked.ts';
import { createHome, type Home } from './home.ts';
import { shownIn, usedIn, type Workspaces, workspaceNamed } from './in-workspace.ts';
import type { Log } from './log.ts';
import { createMembership } from './membership.ts';
import { type Messenger, startMessenger } from './messenger.ts';
import { createPeople } from './people.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Reminding } from './reminding.ts';
import { slackClients } from './slack-clients.ts';
import { createSuggestions, type Suggestions } from './suggestions.ts';
import { groupsOf } from './verified.ts';
import type { Style } from './views/plan.ts';
import { keepZones } from './zones.ts';

export interface SlackSettings {
  mode: 'http' | 'socket';
  /** Where Slack's requests arrive, in HTTP mode. Port 0: any free one. */
  port?: number;
  host?: string;
  botToken: string;
  /** `xapp-…`, in Socket Mode. */
  appToken?: string;
  signingSecret: string;
  /** Another Slack than the real one, for example the simulator. */
  apiUrl?: string;
  /** Which of several workspaces it is. Unset: the only one, of whatever team its token is. */
  workspace?: Workspace;
  /** Where cards go whose channel cannot be posted to. */
  defaultChannel: string;
  /** How stages are drawn: Slack's plan blocks (unset), or lines for clients without them. */
  cards?: Style;
  /** Whether a picture of each deployment goes into its thread. Unset: yes. */
  pictures?: boolean;
}

/** What all workspaces have in common. */
export interface Shared {
  pipeline: Pipeline;
  limits: RateLimit;
  all: Workspaces;
  admins(): readonly string[];
  reminding?: Reminding | undefined;
  onCall?: ((method: string, result: string) => void) | undefined;
  now: () => At;
  log: Log;
}

/** One Slack workspace as the bot serves it: its own token, budget, people, cards and App Home. */
export interface Space {
  settings: SlackSettings;
  bot: Bot;
  home: Home;
  suggestions: Suggestions;
  messenger: Messenger;
  stop(): Promise<void>;
}

/** Opens one workspace: from now on its cards are shown. Whether Slack can be reached or not, since they wait in the outbox. */
export function openSpace(settings: SlackSettings, shared: Shared): Space {
  const { now, all } = shared;
  const { workspace } = settings;
  const log = workspace === undefined ? shared.log : namedLog(shared.log, workspace.name);
  const clients = slackClients({ ...settings, team: workspace?.team, log, onCall: shared.onCall });
  const reminding = shared.reminding && ofWorkspace(shared.reminding, workspace);
  const shown = shownIn(shared.pipeline, workspace, all);
  const pipeline = usedIn(shown, workspace);
  const people = createPeople({
    client: clients.interactive,
    now,
    log,
    zones: reminding?.zones,
    ...(workspace === undefined ? {} : { teamId: workspace.team }),
  });
  const membership = createMembership({ client: clients.interactive, now, log });
  const messenger = startMessenger({
    pipeline: shown,
    client: clients.progress,
    defaultChannel: settings.defaultChannel,
    now,
    log,
    style: settings.cards ?? 'plan',
    pictures: settings.pictures ?? true,
    name: (user) => people.name(user),
    mailbox: membership.mailbox,
    reminding,
  });
  const bot: Bot = {
    pipeline,
    people,
    membership,
    limits: shared.limits,
    elsewhere: (service) => elsewhere(shared.pipeline, workspace, service),
    admins: shared.admins,
    clients,
    log,
    now,
    wake: (card) => messenger.wake(card),
  };
  const home = createHome({
    pipeline,
    clients,
    now,
    log,
    groupsOf: (person, policies) => groupsOf(bot, person, policies),
    mailbox: membership.mailbox,
  });
  const { people: reminded = () => [], zones = new Map() } = reminding ?? {};
  const forgetZones = keepZones({ people: reminded, zones, client: clients.progress, log });
  return {
    settings,
    bot,
    home,
    messenger,
    suggestions: createSuggestions(pipeline, now),
    async stop() {
      forgetZones();
      home.stop();
      await messenger.stop();
    },
  };
}

/** Why a service, or a group of them, is not acted on here; undefined when it belongs here, or there is none. */
function elsewhere(
  pipeline: Pipeline,
  workspace: Workspace | undefined,
  service: string,
): string | undefined {
  const its = workspaceNamed(pipeline, service);
  if (its === undefined || workspace === undefined || its.team === workspace.team) return undefined;
  return livesElsewhere(service, its);
}

/** Of those who are reminded, the people of this workspace: an id of another one is somebody else here. */
const ofWorkspace = (reminding: Reminding, workspace: Workspace | undefined): Reminding =>
  workspace === undefined
    ? reminding
    : {
        ...reminding,
        people: () => reminding.people().filter((key) => key.startsWith(`${workspace.team}/`)),
      };

/** Which workspace a line of the log is about. */
function namedLog(log: Log, workspace: string): Log {
  const told =
    (level: keyof Log): Log[keyof Log] =>
    (fields, message) =>
      log[level]({ workspace, ...fields }, message);
  return { debug: told('debug'), info: told('info'), warn: told('warn'), error: told('error') };
}

/** Of these the workspace that a team's request is for; a lone one without an id takes them all. */
export function spaceOf(spaces: readonly Space[], team: string | undefined): Space | undefined {
  const [only] = spaces;
  if (only !== undefined && only.settings.workspace === undefined) return only;
  return spaces.find(({ settings }) => settings.workspace?.team === team);
}
