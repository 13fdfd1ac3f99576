import type { z } from 'zod';
import type { Answer } from './exchange.ts';
import { computeVersion } from './microversion.ts';
import { everyItem } from './pages.ts';
import type { Question, Session } from './session.ts';

/** 2.52 is the first with tags at creation and 2.69 tells of cells that are down; 2.90 is what this was tried with. */
const ours = { least: 60, most: 90 };

type Asked = Omit<Question, 'service' | 'headers'>;

/** Nova, at one microversion for all that is asked. */
export class Compute {
  readonly #session: Session;
  #version: Promise<Record<string, string>> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  async ask<Schema extends z.ZodType>(
    asked: Asked,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.infer<Schema>> {
    return this.#session.ask(await this.#question(asked, signal), schema, signal);
  }

  async send(asked: Asked, signal: AbortSignal): Promise<Answer> {
    return this.#session.send(await this.#question(asked, signal), signal);
  }

  async list<Item extends z.ZodType>(
    asked: Asked,
    itemsKey: string,
    item: Item,
    signal: AbortSignal,
  ): Promise<z.infer<Item>[]> {
    return everyItem(this.#session, await this.#question(asked, signal), itemsKey, item, signal);
  }

  /** What was agreed on, as `compute 2.90`. */
  async version(signal: AbortSignal): Promise<string> {
    const { headers = {} } = await this.#question({ path: '/', doing: 'tell its versions' }, signal);
    return headers['openstack-api-version'] ?? '';
  }

  async #question(asked: Asked, signal: AbortSignal): Promise<Question> {
    const version = this.#version ?? computeVersion(this.#session, ours, signal);
    this.#version = version;
    try {
      return { ...asked, service: 'compute', headers: await version };
    } catch (error) {
      if (this.#version === version) this.#version = undefined;
      throw error;
    }
  }
}
