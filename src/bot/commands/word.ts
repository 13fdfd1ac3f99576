import type { Right } from '../../pipeline/domain/policy.ts';
import type { Answer, Asked, Bot } from '../asked.ts';
import type { Reader } from '../reader.ts';

export type Slash = '/bake' | '/rollback';

/** One command, whole: how it is said, what help says of it, the right that it takes, how it is read and done. */
interface WordShape<Order extends object> {
  /** The first word of the line; lower case, and reserved in `config/reserved.ts`. */
  name: string;
  /** The line as help shows it. */
  usage: string;
  /** What it does, in a few words after the usage. */
  says: string;
  /** The right that the pipeline will ask for; undefined for what only reads, which everybody may. */
  right?: Right;
  /** It changes something though it takes no right of a service: the asker is looked up all the same. */
  changes?: true;
  /** It says itself what a version that there is not can have meant. */
  asksForVersion?: true;
  /** Takes the rest of the line apart; throws NotRead with a sentence. */
  read(reader: Reader): Order;
  run(bot: Bot, asked: Asked, order: Order): Promise<Answer>;
  /** The same for a group of services, whose name `service` is then; without it a group is refused. */
  ofGroup?(bot: Bot, asked: Asked, order: Order): Promise<Answer>;
}

/** A command as the list holds it. */
export type Word = Omit<WordShape<object>, 'read' | 'run' | 'ofGroup'> & {
  /** It may name a group of services too. */
  takesGroups: boolean;
  understand(reader: Reader): Understood;
};

/** A line that was understood: which command, what it asks, and how to do it. */
export interface Understood {
  word: Word;
  order: object;
  /** It names a group of services. */
  isOfGroup: boolean;
  run(bot: Bot, asked: Asked): Promise<Answer>;
}

/** Makes a command of its parts. */
export function word<Order extends object>({ read, run, ofGroup, ...rest }: WordShape<Order>): Word {
  const made: Word = {
    ...rest,
    takesGroups: ofGroup !== undefined,
    understand(reader) {
      reader.takesGroups = ofGroup !== undefined;
      const order = read(reader);
      reader.end();
      const { isOfGroup } = reader;
      const does = isOfGroup && ofGroup !== undefined ? ofGroup : run;
      return { word: made, order, isOfGroup, run: (bot, asked) => does(bot, asked, order) };
    },
  };
  return made;
}

/** Leaves out the parts of an order that were not said. */
export function said<Parts extends object>(
  parts: Parts,
): { [Key in keyof Parts]?: Exclude<Parts[Key], undefined> } {
  // The cast says what the filter does: what is left is not undefined.
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as {
    [Key in keyof Parts]?: Exclude<Parts[Key], undefined>;
  };
}
