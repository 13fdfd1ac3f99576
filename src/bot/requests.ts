import { actorKey } from '../pipeline/domain/actor.ts';
import {
  type Answer as PipelineAnswer,
  type Refusal,
  type RefusalCode,
  refuse,
} from '../pipeline/domain/command.ts';
import { outdated } from './actions/committed.ts';
import { reject } from './actions/decide.ts';
import { rejectGroup } from './actions/group.ts';
import type { Answer, Asked, Bot } from './asked.ts';
import { vocabulary } from './commands/index.ts';
import type { Slash } from './commands/word.ts';
import { type Filled, forms } from './forms.ts';
import { isNotUnderstood, type Known, type KnownGroups, parse } from './grammar.ts';
import type { ReasonedNo } from './payloads.ts';
import { buttons } from './routes.ts';
import { openModal, type Pointed, type ShortcutId, shortcuts } from './shortcuts.ts';
import { unknownVersion } from './unknown-version.ts';
import { about, asVerified } from './verified.ts';
import { refusal, sentence } from './views/blocks.ts';
import { buttonIds } from './views/button.ts';
import { decode } from './views/button-value.ts';
import { escaped } from './views/format.ts';
import type { FormId } from './views/forms.ts';

/** A slash command of a verified person. */
export async function onCommand(bot: Bot, asked: Asked, slash: Slash, text: string): Promise<Answer> {
  const parsed = parse(slash, text, known(bot), vocabulary, groupsKnown(bot));
  const service = isNotUnderstood(parsed) ? elsewhereIn(bot, text) : serviceOf(parsed.order);
  // Asked first: the sentence to a line that means nothing names what there is.
  const no = await noTo(bot, asked, service);
  if (no !== undefined) return no;
  return traced(
    bot,
    asked,
    { service, words: `${slash} ${text}`.trim(), no: 'bad input' },
    async (verified) => {
      if (isNotUnderstood(parsed)) return { ...sentence(`🤔 ${escaped(parsed.sentence)}`), refused: true };
      const query = bot.pipeline.query;
      const isItsOwn = service === undefined || parsed.word.asksForVersion === true || parsed.isOfGroup;
      const unknown = isItsOwn ? undefined : await unknownVersion(query, service, parsed.order);
      return unknown ?? parsed.run(verified, asked);
    },
  );
}

/** The service of another workspace that a line names, which means nothing here. */
const elsewhereIn = (bot: Bot, text: string): string | undefined =>
  text.split(/[\s`"']+/u).find((word) => bot.elsewhere(word) !== undefined);

/** What was asked, for the trail; `no` is the kind of a refusal that the pipeline was not asked for. */
interface What {
  service: string | undefined;
  words: string;
  no: RefusalCode;
}

/**
 * Does what was asked, with what was verified of the asker. What the pipeline decides leaves its trace there; what only
 * shows something, or comes to nothing before, leaves it here. A question is answered also while the ledger takes none.
 */
async function traced(
  bot: Bot,
  asked: Asked,
  { service, words, no }: What,
  run: (verified: Bot) => Promise<Answer>,
): Promise<Answer> {
  const verified = asVerified(bot, asked);
  const answer = await run(verified.bot);
  if (verified.decided()) return answer;
  const line = words.slice(0, 300);
  const trace: PipelineAnswer =
    answer?.refused === true
      ? refuse(answer.because ?? no, `${line}: ${answer.text}`)
      : { accepted: true, sentence: `Was shown: ${line}` };
  await bot.pipeline
    .traced(about(bot, asked, service), trace)
    .catch((error: unknown) => bot.log.warn({ err: error }, 'a question left no trace in the ledger'));
  return answer;
}

const serviceOf = (order: object): string | undefined =>
  'service' in order && typeof order.service === 'string' ? order.service : undefined;

/**
 * What keeps a request from being looked at; undefined when nothing does. Strangers count for themselves alone: they may
 * neither fill the ledger with refusals nor use up what all may ask of a service.
 */
async function noTo(bot: Bot, asked: Asked, service: string | undefined): Promise<Answer> {
  const problem =
    (await problemOf(bot, asked)) ?? (service === undefined ? undefined : bot.elsewhere(service));
  if (problem === undefined) return tooMuch(bot, asked, service);
  return tooMuch(bot, asked, undefined) ?? refused(bot, asked, service, refuse('not allowed', problem));
}

/** A no before the pipeline was asked: it leaves its trace all the same. */
async function refused(bot: Bot, asked: Asked, service: string | undefined, no: Refusal): Promise<Answer> {
  const answer = await bot.pipeline.traced(about(bot, asked, service), no);
  return refusal(answer.sentence);
}

/** Undefined when it is not too much. Told once in the trail for each time, so that nobody can fill it. */
function tooMuch(bot: Bot, asked: Asked, service: string | undefined): Promise<Answer> | undefined {
  const problem = bot.limits.problem(actorKey(asked.by), service);
  if (problem === undefined) return undefined;
  const no = refuse('too many', problem.sentence);
  return problem.first ? refused(bot, asked, service, no) : Promise.resolve(refusal(no.sentence));
}

/** Operators were verified by their account; people are looked up in Slack. */
const problemOf = async (bot: Bot, { by }: Asked): Promise<string | undefined> =>
  by.kind === 'person' ? bot.people.problem(by) : undefined;

function known({ pipeline: { query } }: Bot): Known {
  return new Map(
    query
      .services()
      .map((name) => [name, (query.policy(name)?.environments ?? []).map((environment) => environment.name)]),
  );
}

const groupsKnown = ({ pipeline: { query } }: Bot): KnownGroups =>
  new Map(query.groups().map(({ group, services, environments }) => [group, { services, environments }]));

/** A click on any button, of this Bakery or of an older one. */
export async function onButton(
  bot: Bot,
  asked: Asked,
  id: string,
  text: string | undefined,
): Promise<Answer> {
  const button = buttonIds.find((one) => one === id);
  const value = decode(text);
  const no = await noTo(bot, asked, value?.service);
  if (no !== undefined) return no;
  const what = {
    service: value?.service,
    words: `the button ${button ?? 'of another time'}`,
    no: 'stale',
  } as const;
  return traced(bot, asked, what, async (verified) =>
    button === undefined || value === undefined ? outdated : buttons[button](verified, asked, value),
  );
}

/** A dialog was sent, and nothing was wrong with what stood in it. */
export async function onForm(bot: Bot, asked: Asked, id: FormId, filled: Filled): Promise<Answer> {
  const service = serviceOf(filled);
  const no = await noTo(bot, asked, service);
  if (no !== undefined) return no;
  const what = { service, words: `the dialog ${id}`, no: 'bad input' } as const;
  return traced(bot, asked, what, (verified) => forms[id].run(verified, asked, filled));
}

/** A shortcut: opens a dialog and changes nothing; it counts and leaves its trace as every question does. */
export async function onShortcut(
  bot: Bot,
  asked: Asked,
  id: ShortcutId,
  message: Pointed | undefined,
): Promise<Answer> {
  const no = await noTo(bot, asked, undefined);
  if (no !== undefined) return openModal(bot, asked, no);
  const what = { service: undefined, words: `the shortcut ${id}`, no: 'bad input' } as const;
  return traced(bot, asked, what, (verified) => shortcuts[id](verified, asked, message));
}

/** The reason for a rejection was sent. `metadata` names what was clicked; it grants nothing. */
export async function onReason(bot: Bot, asked: Asked, order: ReasonedNo): Promise<Answer> {
  const no = await noTo(bot, asked, order.service);
  if (no !== undefined) return no;
  const verified = asVerified(bot, asked).bot;
  return 'deployment' in order ? reject(verified, asked, order) : rejectGroup(verified, asked, order);
}
