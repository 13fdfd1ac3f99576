import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, type Marked, ProviderError } from '../../pipeline/provider.ts';
import { markKey } from '../instance-name.ts';

/** An object store that Bakery has an account at, and machines have addresses in, each good by itself. */
export interface ReportStore {
  /** Undefined when nothing is there. */
  read(name: string, call: Pick<Call, 'signal'>): Promise<string | undefined>;
  /** An address at which whoever has it may do one thing with one name for so long. A secret: never logged. */
  address(method: 'GET' | 'PUT', name: string, lasts: Millis, call: Call): Promise<string>;
  /** The names that begin so. */
  list(prefix: string, call: Pick<Call, 'signal'>): Promise<string[]>;
  /** Nothing there is fine. */
  remove(name: string, call: Call): Promise<void>;
}

/** Where the machine of a command tells of it. */
export interface CommandUrls {
  /** Written by the first machine that begins, and by no other: `read` tells which that was. */
  began: string;
  read: string;
  /** Its last lines, while it runs. */
  output: string;
  end: string;
}

const told = z.object({ machine: z.string() });
const lines = z.array(z.string()).default([]);
const ended = z.discriminatedUnion('is', [
  told.extend({ is: z.literal('ended'), result: z.string(), status: z.number(), lines }),
  /** Ended from outside, or found in the middle by a start of the machine. */
  told.extend({ is: z.literal('interrupted'), lines }),
  told.extend({ is: z.literal('not begun'), sentence: z.string(), lines }),
]);

/** What a machine told of its command: at its end, or else that it began. */
export interface Said {
  /** The machine that has the command, by the cloud's id. */
  began?: string;
  end?: z.infer<typeof ended>;
}

const idPattern = /^report-(.+)\/([0-9a-f]{32})$/;

/**
 * What machines tell of the commands that they run to their end, in `OWNER/commands/…`: the whole mark stands in each
 * name, so that what is left over is found and listed like everything else that was made.
 */
export class CommandReports {
  readonly #store: ReportStore;

  constructor(store: ReportStore) {
    this.#store = store;
  }

  /** `begins` is how long a machine may take to begin: after that none does. `lasts` is until when it may tell its end. */
  async urls(
    mark: Mark,
    { begins, lasts }: { begins: Millis; lasts: Millis },
    call: Call,
  ): Promise<CommandUrls> {
    const name = (what: string): string => `${folderOf(mark)}${what}`;
    return {
      began: await this.#store.address('PUT', name('began'), begins, call),
      read: await this.#store.address('GET', name('began'), lasts, call),
      output: await this.#store.address('PUT', name('output'), lasts, call),
      end: await this.#store.address('PUT', name('end'), lasts, call),
    };
  }

  async said(mark: Mark, call: Pick<Call, 'signal'>): Promise<Said> {
    const end = await this.#read(mark, 'end', ended, call);
    if (end !== undefined) return { began: end.machine, end };
    const began = await this.#read(mark, 'began', told, call);
    return began === undefined ? {} : { began: began.machine };
  }

  /** The last lines that the command wrote, as far as they were told; oldest first. */
  async lines(mark: Mark, count: number, call: Pick<Call, 'signal'>): Promise<string[]> {
    const end = await this.#read(mark, 'end', ended, call);
    return shown(end?.lines ?? (await this.#read(mark, 'output', lines, call)) ?? [], count);
  }

  /** One for each command that anything was told of. */
  async list(owner: string, call: Pick<Call, 'signal'>): Promise<Marked[]> {
    const found = new Map<string, Marked>();
    for (const name of await this.#store.list(`${owner}/commands/`, call)) {
      const mark = markIn(name);
      const id = `report-${owner}/${markKey(mark)}`;
      found.set(id, { what: 'builder', id, mark });
    }
    return [...found.values()];
  }

  /** Whether an id of {@link list} it is. */
  owns(id: string): boolean {
    return idPattern.test(id);
  }

  /** Whose report it is; undefined when nothing of it is there. */
  async find(id: string, call: Pick<Call, 'signal'>): Promise<Mark | undefined> {
    const [name] = await this.#store.list(prefixOf(id), call);
    return name === undefined ? undefined : markIn(name);
  }

  async remove(id: string, call: Call): Promise<void> {
    for (const name of await this.#store.list(prefixOf(id), call)) await this.#store.remove(name, call);
  }

  async #read<Schema extends z.ZodType>(
    mark: Mark,
    what: string,
    schema: Schema,
    call: Pick<Call, 'signal'>,
  ): Promise<z.infer<Schema> | undefined> {
    const text = await this.#store.read(`${folderOf(mark)}${what}`, call);
    if (text === undefined) return undefined;
    const read = schema.safeParse(parsed(text));
    if (read.success) return read.data;
    throw new ProviderError(
      'unexpected state',
      `What stands in the object store as the ${what} of the command is no word of its machine. Nobody knows how far the command got; look who writes there, and at the database, then retry.`,
    );
  }
}

export const shown = (all: readonly string[], count: number): string[] =>
  all.slice(-count).map((line) => stripVTControlCharacters(line));

const folderOf = (mark: Mark): string =>
  `${mark.owner}/commands/${markKey(mark)}/${Buffer.from(JSON.stringify(mark)).toString('base64url')}/`;

function prefixOf(id: string): string {
  const [, owner, key] = idPattern.exec(id) ?? [];
  return `${owner}/commands/${key}/`;
}

/** Its names are made by `folderOf` only. */
const markIn = (name: string): Mark =>
  JSON.parse(Buffer.from(name.split('/').at(-2) ?? '', 'base64url').toString('utf8')) as Mark;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
