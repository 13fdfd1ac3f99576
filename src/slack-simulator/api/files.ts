import { SlackRefusal } from '../errors.ts';
import { asList, parseJson, text } from '../fields.ts';
import { slackId } from '../ids.ts';
import type { Fields } from '../types.ts';
import { type ApiContext, type ApiMethod, joinedConversation, required } from './method.ts';

const write = { token: 'bot', scope: 'files:write', tier: 4 } as const;

/** The bytes of files that were uploaded, by file id; lost with the process. */
export class Uploads {
  readonly #files = new Map<string, { readonly name: string; readonly length: number; bytes?: Buffer }>();

  /** Expects a file and gives its id. */
  expect(name: string, length: number): string {
    const id = slackId('F');
    this.#files.set(id, { name, length });
    return id;
  }

  /** Takes the bytes of a file that is expected. */
  take(id: string, bytes: Buffer): boolean {
    const file = this.#files.get(id);
    if (file === undefined || file.length !== bytes.length) return false;
    file.bytes = bytes;
    return true;
  }

  /** A file whose bytes have come. */
  find(id: string): { readonly name: string; readonly bytes: Buffer } | undefined {
    const file = this.#files.get(id);
    return file?.bytes === undefined ? undefined : { name: file.name, bytes: file.bytes };
  }
}

/** The two methods of an upload in three steps. */
export function fileMethods(uploads: Uploads): Readonly<Record<string, ApiMethod>> {
  return {
    'files.getUploadURLExternal': {
      ...write,
      answer(args, { baseUrl }) {
        const id = uploads.expect(required(args, 'filename'), Number(required(args, 'length')));
        return { upload_url: `${baseUrl}/upload/v1/${id}`, file_id: id };
      },
    },
    'files.completeUploadExternal': {
      ...write,
      answer(args, context) {
        const given = typeof args.files === 'string' ? parseJson(args.files) : args.files;
        const files = asList(given).map((each) => wireFile(each, uploads, context));
        if (files.length === 0) throw new SlackRefusal('invalid_arguments');
        if (text(args, 'channel_id') !== undefined) share(files, args, context);
        return { files };
      },
    },
  };
}

function wireFile(given: Fields, uploads: Uploads, { baseUrl, state }: ApiContext): Fields {
  const id = String(given.id);
  const file = uploads.find(id);
  if (file === undefined) throw new SlackRefusal('file_not_found');
  return {
    id,
    name: file.name,
    title: text(given, 'title') ?? file.name,
    size: file.bytes.length,
    user: state.installation.botUserId,
    url_private: `${baseUrl}/files/${id}`,
    permalink: `${baseUrl}/files/${id}`,
  };
}

function share(files: readonly Fields[], args: Fields, context: ApiContext): void {
  const channel = joinedConversation({ channel: args.channel_id }, context);
  if (channel.isArchived) throw new SlackRefusal('is_archived');
  const { botUserId, botId, appId } = context.state.installation;
  const threadTs = text(args, 'thread_ts');
  context.state.put({
    type: 'message',
    channel: channel.id,
    ts: context.state.clock.next(),
    user: botUserId,
    bot_id: botId,
    app_id: appId,
    text: text(args, 'initial_comment') ?? '',
    files,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
  });
}
