import { SlackRefusal } from '../errors.ts';
import { asList, parseJson, text } from '../fields.ts';
import { slackId } from '../ids.ts';
import type { Fields } from '../types.ts';
import { type ApiContext, type ApiMethod, joinedConversation, required } from './method.ts';

const write = { token: 'bot', scope: 'files:write', tier: 4 } as const;

interface Upload {
  readonly name: string;
  readonly length: number;
  readonly alt?: string;
  bytes?: Buffer;
}

/** As many characters of a description as Slack takes. */
const MOST_ALT = 1000;

/** The bytes of files that were uploaded, by file id; lost with the process. */
export class Uploads {
  readonly #files = new Map<string, Upload>();

  /** Expects a file and gives its id. */
  expect(name: string, length: number, alt?: string): string {
    const id = slackId('F');
    this.#files.set(id, { name, length, ...(alt === undefined ? {} : { alt }) });
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
  find(id: string): (Omit<Upload, 'bytes'> & { readonly bytes: Buffer }) | undefined {
    const file = this.#files.get(id);
    return file?.bytes === undefined ? undefined : { ...file, bytes: file.bytes };
  }

  /** Forgets a file; false when there is none. */
  remove(id: string): boolean {
    return this.#files.delete(id);
  }
}

/** The methods of an upload in three steps, and of taking it back. */
export function fileMethods(uploads: Uploads): Readonly<Record<string, ApiMethod>> {
  return {
    'files.getUploadURLExternal': {
      ...write,
      answer(args, { baseUrl }) {
        const alt = text(args, 'alt_txt');
        if (alt !== undefined && alt.length > MOST_ALT) throw new SlackRefusal('alt_txt_too_large');
        const id = uploads.expect(required(args, 'filename'), Number(required(args, 'length')), alt);
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
    'files.delete': {
      ...write,
      tier: 3,
      answer(args, { state }) {
        const id = required(args, 'file');
        if (!uploads.remove(id)) throw new SlackRefusal('file_not_found');
        state.removeFile(id);
        return {};
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
    ...(isPng(file.bytes) ? { mimetype: 'image/png', filetype: 'png' } : {}),
    ...(file.alt === undefined ? {} : { alt_txt: file.alt }),
    size: file.bytes.length,
    user: state.installation.botUserId,
    url_private: `${baseUrl}/files/${id}`,
    permalink: `${baseUrl}/files/${id}`,
  };
}

const isPng = (bytes: Buffer): boolean => bytes.subarray(1, 4).toString('latin1') === 'PNG';

/** The type that a file is served with: pictures as such, all else as text, so that nothing of it ever runs. */
export const typeOfFile = (bytes: Buffer): string =>
  isPng(bytes) ? 'image/png' : 'text/plain; charset=utf-8';

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
