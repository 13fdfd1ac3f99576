import type {
  BlockAction,
  GlobalShortcut,
  MessageShortcut,
  SlashCommand,
  ViewSubmitAction,
} from '@slack/bolt';
import type { Asked } from './asked.ts';
import type { Filled } from './forms.ts';
import type { Person } from './people.ts';
import type { Pointed } from './shortcuts.ts';
import { reasonBlock, reasonInput } from './views/reject-modal.ts';

/** Who asks and where, out of a verified slash command. */
export const askedByCommand = (command: SlashCommand): Asked => ({
  by: { kind: 'person', team: command.team_id, user: command.user_id },
  channel: command.channel_id,
  triggerId: command.trigger_id,
  ephemeral: false,
});

/** Who clicked and on what, out of a verified click. */
export function askedByClick(body: BlockAction): Asked {
  const { container } = body;
  const channel = body.channel?.id ?? text(container.channel_id) ?? openedIn(body.view);
  const ts = text(container.message_ts);
  const ephemeral = container.is_ephemeral === true;
  return {
    by: { kind: 'person', team: body.user.team_id ?? body.team?.id ?? '', user: body.user.id },
    channel,
    triggerId: body.trigger_id,
    ephemeral,
    ...(ephemeral || ts === undefined ? {} : { card: { channel, ts } }),
    ...(body.view === undefined
      ? {}
      : { view: { id: body.view.id, type: body.view.type === 'home' ? 'home' : 'modal' } }),
  };
}

/** Who sent a dialog, and where it was opened. */
export const askedByForm = (body: ViewSubmitAction): Asked => ({
  by: { kind: 'person', team: body.user.team_id ?? body.team?.id ?? '', user: body.user.id },
  channel: openedIn(body.view),
  ephemeral: false,
  view: { id: body.view.id, type: 'modal' },
});

/**
 * The channel in which a dialog was opened; empty when it was in none. Bakery put it into the dialog's metadata, which
 * only an app can write, and Slack brings it back in a signed request: nobody can name another one.
 */
const openedIn = (view: { private_metadata: string } | undefined): string =>
  view === undefined ? '' : (text(parse(view.private_metadata).channel) ?? '');

/** Who used a shortcut, and on which message. */
export function askedByShortcut(body: GlobalShortcut | MessageShortcut): {
  asked: Asked;
  message: Pointed | undefined;
} {
  const channel = body.type === 'message_action' ? body.channel.id : '';
  const threadTs = body.type === 'message_action' ? text(body.message.thread_ts) : undefined;
  return {
    asked: {
      by: { kind: 'person', team: teamOf(body), user: body.user.id },
      channel,
      triggerId: body.trigger_id,
      ephemeral: false,
    },
    message:
      body.type === 'message_action'
        ? { channel, ts: body.message_ts, ...(threadTs === undefined ? {} : { threadTs }) }
        : undefined,
  };
}

const teamOf = ({ user, team }: GlobalShortcut | MessageShortcut): string =>
  ('team_id' in user ? text(user.team_id) : undefined) ?? team?.id ?? '';

export const personOfEvent = (team: string, user: string): Person => ({ kind: 'person', team, user });

/** What was put into each input of a dialog; undefined where it was left empty. */
export const filledIn = (values: ViewSubmitAction['view']['state']['values']): Filled =>
  Object.fromEntries(
    Object.entries(values).map(([block, inputs]) => {
      const [input] = Object.values(inputs);
      return [block, text(input?.selected_option?.value) ?? (text(input?.value)?.trim() || undefined)];
    }),
  );

/** The service that is chosen in the dialog whose other select asks for options. */
export function chosenService(body: object): string | undefined {
  const view = 'view' in body ? body.view : undefined;
  const state = isRecord(view) && isRecord(view.state) ? view.state : undefined;
  const inputs = isRecord(state?.values) ? state.values.service : undefined;
  const [input] = isRecord(inputs) ? Object.values(inputs) : [];
  const chosen = isRecord(input) ? input.selected_option : undefined;
  return isRecord(chosen) ? text(chosen.value) : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** What was filled in, and what the modal was opened for; undefined when it is none of ours. */
/** A no with its reason: to one deployment, or to a group's release. */
export type ReasonedNo = { service: string; reason: string } & (
  | { deployment: string }
  | { version: number; environment: string }
);

export function askedByReason(body: ViewSubmitAction): { asked: Asked; order: ReasonedNo } | undefined {
  const metadata = parse(body.view.private_metadata);
  const service = text(metadata.service);
  const deployment = text(metadata.deployment);
  const channel = text(metadata.channel);
  const version = typeof metadata.version === 'number' ? metadata.version : undefined;
  const environment = text(metadata.environment);
  if (service === undefined || channel === undefined) return undefined;
  const card = cardOf(metadata.card);
  const reason = body.view.state.values[reasonBlock]?.[reasonInput]?.value ?? '';
  const order: ReasonedNo | undefined =
    deployment !== undefined
      ? { service, deployment, reason }
      : version === undefined || environment === undefined
        ? undefined
        : { service, version, environment, reason };
  if (order === undefined) return undefined;
  return {
    asked: {
      by: { kind: 'person', team: body.user.team_id ?? body.team?.id ?? '', user: body.user.id },
      channel,
      ephemeral: false,
      ...(card === undefined ? {} : { card }),
      // Without a card that shows it the answer takes the place of this dialog: in a channel Bakery may not speak.
      ...(card === undefined ? { view: { id: body.view.id, type: 'modal' as const } } : {}),
    },
    order,
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function cardOf(value: unknown): { channel: string; ts: string } | undefined {
  if (typeof value !== 'object' || value === null || !('channel' in value) || !('ts' in value))
    return undefined;
  const [channel, ts] = [text(value.channel), text(value.ts)];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

function parse(metadata: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(metadata);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
