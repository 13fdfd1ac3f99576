import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SimulatorSetupError } from './errors.ts';
import { asFields, asList, isFields } from './fields.ts';
import type { WorkspaceState } from './state.ts';
import type { Message, View } from './types.ts';

const VERSION = 1;
const QUIET_MS = 100;

/**
 * Reads a state file into the workspace; a file that is not there leaves it as it is.
 * @throws SimulatorSetupError when the file is there and is not one of ours.
 */
export function restoreState(file: string, state: WorkspaceState): void {
  const saved = read(file);
  if (saved === undefined) return;
  for (const entry of asList(saved.conversations)) {
    const id = String(entry.id);
    const known =
      state.conversations.get(id) ??
      (typeof entry.directMessageOf === 'string' && state.people.has(entry.directMessageOf)
        ? state.directMessage(entry.directMessageOf, id)
        : undefined);
    if (known === undefined) continue;
    known.isArchived = entry.isArchived === true;
    // Our own file of our own version: the messages in it are what `save` wrote.
    for (const message of asList(entry.messages) as unknown as Message[]) {
      known.messages.set(message.ts, message);
      state.clock.moveBeyond(message.ts);
    }
  }
  for (const home of asList(saved.homes) as unknown as View[]) {
    if (state.people.has(home.user)) state.homes.set(home.user, home);
  }
}

/** Keeps the state file up with the workspace. */
export class StateKeeper {
  readonly #file: string;
  readonly #state: WorkspaceState;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, state: WorkspaceState) {
    this.#file = file;
    this.#state = state;
    mkdirSync(dirname(file), { recursive: true });
    this.#stop = state.onChange(() => {
      this.#timer ??= setTimeout(() => this.#save(), QUIET_MS);
    });
  }

  /** Writes what is not written yet and stops. */
  close(): void {
    this.#stop();
    if (this.#timer !== undefined) this.#save();
  }

  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const conversations = [...this.#state.conversations.values()].map((each) => ({
      id: each.id,
      isArchived: each.isArchived,
      ...(each.kind === 'im' ? { directMessageOf: each.name } : {}),
      messages: [...each.messages.values()],
    }));
    const homes = [...this.#state.homes.values()];
    const unfinished = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(unfinished, JSON.stringify({ version: VERSION, conversations, homes }));
    renameSync(unfinished, this.#file);
  }
}

function read(file: string) {
  let raw: string;
  try {
    raw = readFileSync(file, 'utf8');
  } catch (error) {
    if (asFields(error).code === 'ENOENT') return undefined;
    throw new SimulatorSetupError(
      `The simulator's state file ${file} cannot be read. Check who may read it.`,
      {
        cause: error,
      },
    );
  }
  const broken = `The simulator's state file ${file} is not one that this version wrote. It was left as it is; move it away to start with empty channels.`;
  try {
    const saved: unknown = JSON.parse(raw);
    if (!isFields(saved) || saved.version !== VERSION) throw new SimulatorSetupError(broken);
    return saved;
  } catch (error) {
    if (error instanceof SimulatorSetupError) throw error;
    throw new SimulatorSetupError(broken, { cause: error });
  }
}
