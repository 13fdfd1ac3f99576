import type { BlockAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import type { Asked } from './asked.ts';
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
  const channel = body.channel?.id ?? text(container.channel_id) ?? '';
  const ts = text(container.message_ts);
  const ephemeral = container.is_ephemeral === true;
  return {
    by: { kind: 'person', team: body.user.team_id ?? body.team?.id ?? '', user: body.user.id },
    channel,
    triggerId: body.trigger_id,
    ephemeral,
    ...(ephemeral || ts === undefined ? {} : { card: { channel, ts } }),
  };
}

/** What was filled in, and what the modal was opened for; undefined when it is none of ours. */
export function askedByReason(
  body: ViewSubmitAction,
): { asked: Asked; order: { service: string; deployment: string; reason: string } } | undefined {
  const metadata = parse(body.view.private_metadata);
  const service = text(metadata.service);
  const deployment = text(metadata.deployment);
  const channel = text(metadata.channel);
  if (service === undefined || deployment === undefined || channel === undefined) return undefined;
  const card = cardOf(metadata.card);
  const reason = body.view.state.values[reasonBlock]?.[reasonInput]?.value ?? '';
  return {
    asked: {
      by: { kind: 'person', team: body.user.team_id ?? body.team?.id ?? '', user: body.user.id },
      channel,
      ephemeral: false,
      ...(card === undefined ? {} : { card }),
    },
    order: { service, deployment, reason },
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
