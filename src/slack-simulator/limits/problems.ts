import { isFields } from '../fields.ts';
import type { Fields } from '../types.ts';

/** Collects what is wrong, in the words and with the JSON pointers that Slack answers with. */
export class Problems {
  readonly messages: string[] = [];

  add(what: string, pointer: string): void {
    this.messages.push(`[ERROR] ${what} [json-pointer:${pointer}]`);
  }

  /** A string of at most `max` characters, and at least one where it is needed. */
  text(value: unknown, max: number, pointer: string, needed = false): void {
    if (value === undefined || value === null) {
      if (needed) this.add('missing required field', pointer);
    } else if (typeof value !== 'string') this.add('must be a string', pointer);
    else if (needed && value.length === 0) this.add('must be more than 0 characters', pointer);
    else if (value.length > max) this.add(`must be less than ${max + 1} characters`, pointer);
  }

  /** A text object; `plain` where Slack takes `plain_text` only. */
  textObject(
    value: unknown,
    max: number,
    pointer: string,
    rules: { plain?: boolean; needed?: boolean } = {},
  ): void {
    if (value === undefined) {
      if (rules.needed) this.add('missing required field', pointer);
      return;
    }
    if (!isFields(value)) {
      this.add('must be a text object', pointer);
      return;
    }
    const allowed = rules.plain ? ['plain_text'] : ['plain_text', 'mrkdwn'];
    if (!allowed.includes(String(value.type))) {
      this.add(`unsupported type: ${String(value.type)}, must be ${allowed.join(' or ')}`, `${pointer}/type`);
    }
    this.text(value.text, max, `${pointer}/text`, true);
  }

  /** A list with `min` to `max` entries; gives its objects with their pointers. */
  list(value: unknown, min: number, max: number, pointer: string): { item: Fields; at: string }[] {
    if (!Array.isArray(value)) {
      if (value !== undefined || min > 0) this.add('must be an array', pointer);
      return [];
    }
    if (value.length < min) this.add(`must provide at least ${min} item${min === 1 ? '' : 's'}`, pointer);
    if (value.length > max) this.add(`no more than ${max} items allowed`, pointer);
    return value.flatMap((item: unknown, index) => {
      const at = `${pointer}/${index}`;
      if (isFields(item)) return [{ item, at }];
      this.add('must be an object', at);
      return [];
    });
  }

  /** Each given id at most once. */
  unique(ids: readonly { id: unknown; at: string }[], name: string): void {
    const seen = new Set<unknown>();
    for (const { id, at } of ids) {
      if (id === undefined) continue;
      if (seen.has(id)) this.add(`${name} "${String(id)}" already exists; it must be unique`, at);
      seen.add(id);
    }
  }
}
