import { usualMessages } from '../../pipeline/domain/messages.ts';
import type { Message } from '../../pipeline/outbox.ts';
import { type SlackTrouble, troubleOf } from '../slack-error.ts';
import { deploymentPicture, type Picture } from '../views/picture.ts';
import { backoff } from './budget.ts';
import type { Desk } from './desk.ts';
import { toPng } from './png.ts';

export type PictureMessage = Message & { content: Extract<Message['content'], { kind: 'picture' }> };

export const isPicture = (message: Message): message is PictureMessage => message.content.kind === 'picture';

/** After this many tries it is left out: a picture is never what somebody needs to act. */
const enough = 12;
const uploadWithin = 10_000;

/** Slack's answers that no trying again mends: uploads are off, or the app may not upload. */
const uploadsOff = new Set([
  'missing_scope',
  'file_uploads_disabled',
  'file_uploads_except_images_disabled',
  'file_upload_size_restricted',
  'file_type_not_allowed',
  'storage_limit_reached',
  'not_allowed_token_type',
]);

/**
 * Puts a picture into its card's thread, once. The file's id is in the ledger before it is shared: when the answer is
 * lost, that file is deleted and another one uploaded, so that none is lost and none stands there twice. Where uploads
 * are off it is left out; no other message waits for it.
 */
export async function showPicture(desk: Desk, message: PictureMessage): Promise<void> {
  const { outbox } = desk.pipeline;
  if (!desk.pictures) return outbox.givenUp(message.key, 'pictures are switched off');
  const view = await outbox.note(message.content.seq);
  if (view?.deployment === undefined) return outbox.givenUp(message.key, 'what it shows does not exist');
  if (!(view.policy.messages ?? usualMessages).thread.includes('traffic'))
    return outbox.givenUp(message.key, 'the service wants no word on traffic');
  const card = await outbox.find(message.content.card);
  if (card?.posted === undefined || (desk.locked?.until ?? 0) > desk.now()) return wait(desk, message);
  try {
    await upload(desk, message, deploymentPicture(view.deployment), card.posted);
  } catch (error) {
    await refused(desk, message, error);
  }
}

async function upload(
  { client, pipeline }: Desk,
  { key, content, revision }: PictureMessage,
  picture: Picture,
  { channel, ts }: { channel: string; ts: string },
): Promise<void> {
  if (content.file !== undefined) await remove(client, content.file);
  const png = await toPng(picture.svg);
  const answer = await client.files.getUploadURLExternal({
    filename: `${key}.png`,
    length: png.length,
    alt_text: picture.alt,
    // Slack's reference calls it so, its SDK as above.
    ...{ alt_txt: picture.alt },
  });
  const { file_id: file, upload_url: url } = answer;
  if (file === undefined || url === undefined) throw new Error('Slack named no address for an upload.');
  await send(client.slackApiUrl, url, png);
  await pipeline.outbox.uploading(key, file);
  await client.files.completeUploadExternal({
    files: [{ id: file, title: picture.text.replaceAll('*', '').slice(0, 200) }],
    channel_id: channel,
    thread_ts: ts,
    initial_comment: picture.text,
  });
  // Slack shares it a little later and does not say as which message: the file's id stands for it.
  await pipeline.outbox.shown(key, { channel, ts: file, hash: '', revision });
}

/** The bytes go only to Slack: over TLS, or to where the Web API itself is. */
async function send(api: string, url: string, png: Buffer): Promise<void> {
  const { protocol, origin } = new URL(url);
  if (protocol !== 'https:' && origin !== new URL(api).origin)
    throw new Error('Slack named an address for an upload that is not its own.');
  const taken = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(png),
    headers: { 'content-type': 'application/octet-stream' },
    redirect: 'error',
    signal: AbortSignal.timeout(uploadWithin),
  });
  await taken.arrayBuffer();
  if (!taken.ok) throw new Error(`Slack did not take an upload: HTTP ${taken.status}.`);
}

/** The one whose answer was lost, shared or not. */
async function remove(client: Desk['client'], file: string): Promise<void> {
  try {
    await client.files.delete({ file });
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.is !== 'other' || !['file_not_found', 'file_deleted'].includes(trouble.code)) throw error;
  }
}

async function refused(desk: Desk, message: PictureMessage, error: unknown): Promise<void> {
  const trouble = troubleOf(error);
  const code = codeOf(trouble);
  if (uploadsOff.has(code)) {
    desk.log.info({ code, key: message.key }, 'slack takes no pictures: they are left out');
    return desk.pipeline.outbox.givenUp(message.key, `Slack takes no pictures: ${code}`);
  }
  desk.log.warn({ code, key: message.key }, 'a picture could not be shown yet');
  if (trouble.is === 'rate limited') return desk.pipeline.outbox.postponed(message.key, trouble.wait);
  return wait(desk, message, code);
}

const codeOf = (trouble: SlackTrouble): string => ('code' in trouble ? trouble.code : 'ratelimited');

async function wait(
  desk: Desk,
  { key, tries }: PictureMessage,
  why = 'its card is not there',
): Promise<void> {
  if (tries >= enough) await desk.pipeline.outbox.givenUp(key, why);
  else await desk.pipeline.outbox.postponed(key, backoff(tries));
}
