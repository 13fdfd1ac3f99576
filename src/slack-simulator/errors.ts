import type { RefusalCode } from './coverage.ts';
import type { Fields } from './types.ts';

/** A refusal that the Web API answers with, by Slack's own name for it. */
export class SlackRefusal extends Error {
  readonly code: RefusalCode;
  readonly more: Fields;

  constructor(code: RefusalCode, more: Fields = {}) {
    super(`Slack refuses this with "${code}".`);
    this.name = 'SlackRefusal';
    this.code = code;
    this.more = more;
  }
}

/** Something that a person cannot do in Slack's client: there is no such button, modal or channel. */
export class ImpossibleGesture extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ImpossibleGesture';
  }
}

/** The simulator was started with options it cannot work with, or with a state file it cannot read. */
export class SimulatorSetupError extends Error {
  constructor(sentence: string, options?: { cause: unknown }) {
    super(sentence, options);
    this.name = 'SimulatorSetupError';
  }
}
