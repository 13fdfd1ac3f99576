import { App, type Context, type Receiver, type SlackOptions } from '@slack/bolt';
import { orSorry, tell } from './answer.ts';
import type { Asked, Bot } from './asked.ts';
import { forms } from './forms.ts';
import { boltLogger, type Log } from './log.ts';
import {
  askedByClick,
  askedByCommand,
  askedByForm,
  askedByReason,
  askedByShortcut,
  chosenService,
  filledIn,
  personOfEvent,
} from './payloads.ts';
import { onButton, onCommand, onForm, onReason, onShortcut } from './requests.ts';
import { createSeen } from './seen.ts';
import { shortcutIds } from './shortcuts.ts';
import { type Space, spaceOf } from './space.ts';
import { refuseStrangers } from './unknown-workspace.ts';
import { type FormId, formIds, working } from './views/forms.ts';
import { rejectCallback } from './views/reject-modal.ts';

interface Parts {
  /** The workspaces in which this Slack app is installed. */
  spaces: readonly Space[];
  receiver: Receiver;
  now: () => number;
  log: Log;
  /** True the first time that a delivery is seen by any bot of this ledger. */
  firstTime?: ((id: string) => Promise<boolean>) | undefined;
}

/** The list of what Slack can send. Each is acknowledged before any work. */
export function connect({ spaces, receiver, now, log, firstTime }: Parts): void {
  const app = new App({
    receiver,
    logger: boltLogger(log, 'bolt'),
    convoStore: false,
    ignoreSelf: false,
    // No call to Slack before an acknowledgement: our own clients know the tokens.
    authorize: async ({ teamId }) => {
      const space = spaceOf(spaces, teamId);
      return space === undefined ? {} : { botToken: space.settings.botToken };
    },
  });
  app.use(refuseStrangers(spaces, log));
  onlyOnce(app, { spaces, now, log, firstTime: firstTime ?? (async () => true) });

  /** The workspace of a request: the one whose token it was given. Those of no workspace of ours have been refused. */
  function here({ teamId }: Context): Space {
    const space = spaceOf(spaces, teamId);
    if (space === undefined) throw new Error('a request of an unknown workspace was not refused');
    return space;
  }

  /** To who opened it, or pressed a button on it and looks what became of that. */
  async function showHome({ bot, home }: Space, by: Asked['by']): Promise<void> {
    if (by.kind !== 'person' || (await bot.people.problem(by)) !== undefined) return;
    await orSorry(log, 'app home', () => home.opened(by));
  }

  for (const slash of ['/bake', '/rollback'] as const) {
    app.command(slash, async ({ command, ack, respond, context }) => {
      await ack();
      const { bot } = here(context);
      const asked = await known(bot, askedByCommand(command));
      const answer = await orSorry(log, slash, () => onCommand(bot, asked, slash, command.text ?? ''));
      if (answer !== undefined) await tell(bot, asked, answer, respond);
    });
  }
  app.action(/^/, async ({ body, action, ack, respond, context }) => {
    await ack();
    const space = here(context);
    const { bot } = space;
    if (body.type !== 'block_actions' || action.type !== 'button' || !('action_id' in action)) return;
    const asked = await known(bot, askedByClick(body));
    const answer = await orSorry(log, action.action_id, () =>
      onButton(bot, asked, action.action_id, action.value),
    );
    // A view has no response_url.
    if (answer !== undefined) await tell(bot, asked, answer, asked.view === undefined ? respond : undefined);
    if (asked.view?.type === 'home') await showHome(space, asked.by);
  });
  app.view(rejectCallback, async ({ body, ack, context }) => {
    const given = body.type === 'view_submission' ? askedByReason(body) : undefined;
    await (given?.asked.view === undefined ? ack() : ack({ response_action: 'update', view: working }));
    if (given === undefined) return;
    const { bot } = here(context);
    const asked = await known(bot, given.asked);
    const answer = await orSorry(log, 'reject', () => onReason(bot, asked, given.order));
    if (answer !== undefined) await tell(bot, asked, answer);
  });
  for (const id of formIds) {
    app.view(id, async ({ body, ack, context }) => {
      if (body.type !== 'view_submission') return ack();
      const { bot } = here(context);
      const filled = filledIn(body.view.state.values);
      const errors = forms[id].problems(bot, filled);
      if (Object.keys(errors).length > 0) return ack({ response_action: 'errors', errors });
      await ack({ response_action: 'update', view: working });
      const asked = await known(bot, askedByForm(body));
      const answer = await orSorry(log, id, () => onForm(bot, asked, id, filled));
      if (answer !== undefined) await tell(bot, asked, answer);
    });
  }
  for (const id of shortcutIds) {
    app.shortcut(id, async ({ body, ack, context }) => {
      await ack();
      const { bot } = here(context);
      const { asked: raw, message } = askedByShortcut(body);
      const asked = await known(bot, raw);
      const answer = await orSorry(log, id, () => onShortcut(bot, asked, id, message));
      if (answer !== undefined) await tell(bot, asked, answer);
    });
  }
  app.options('suggest-service', async ({ payload, body, ack, context }) => {
    const { bot, suggestions } = here(context);
    const releases = body.view?.callback_id === ('release-form' satisfies FormId);
    const offered = releases ? suggestions.releasable : suggestions.services;
    await ack({ options: (await mayAsk(bot, body)) ? offered(payload.value) : [] });
  });
  app.options('suggest-version', async ({ payload, body, ack, context }) => {
    const { bot, suggestions } = here(context);
    const offered = async () => suggestions.versions(chosenService(body) ?? '', payload.value);
    await ack({ options: (await mayAsk(bot, body)) ? await offered() : [] });
  });
  app.event('app_home_opened', async ({ event, body, context }) => {
    if (event.tab !== 'home') return;
    await showHome(here(context), personOfEvent(body.team_id, event.user));
  });
  app.error(async (error) => log.error({ err: error }, 'a slack request could not be handled'));
}

/** Who asks, as he is known in this workspace. */
const known = async (bot: Bot, asked: Asked): Promise<Asked> =>
  asked.by.kind === 'person' ? { ...asked, by: await bot.people.here(asked.by) } : asked;

/** Whether somebody is offered anything: he was looked up when he opened the dialog. */
async function mayAsk({ people }: Bot, { user, team }: SlackOptions): Promise<boolean> {
  const person = await people.here(personOfEvent(user.team_id ?? team?.id ?? '', user.id));
  return (await people.problem(person)) === undefined;
}

/**
 * What Slack delivers a second time (a retried event, a click played again) is acknowledged and left out, also when it
 * comes to another bot of the same ledger.
 */
function onlyOnce(
  app: App,
  {
    spaces,
    now,
    log,
    firstTime,
  }: Pick<Parts, 'spaces' | 'now' | 'log'> & {
    firstTime: (id: string) => Promise<boolean>;
  },
): void {
  const seen = createSeen(5 * 60_000);
  const isNew = async (id: string): Promise<boolean> => {
    if (seen.again(id, now())) return false;
    // A ledger that cannot be written refuses what is asked as well, and then says why.
    return firstTime(`delivery ${id}`).catch(() => true);
  };
  app.use(async ({ body, next, context, ...rest }) => {
    const delivery = deliveryOf(body);
    const team = spaceOf(spaces, context.teamId)?.settings.workspace?.team;
    const once = delivery === undefined || team === undefined ? delivery : `${team} ${delivery}`;
    if (once === undefined || (await isNew(once))) return next();
    log.info({}, 'a request came a second time and was left out');
    if ('ack' in rest && typeof rest.ack === 'function') await rest.ack();
    return undefined;
  });
}

/** What tells one delivery from another: an event's id, a gesture's trigger. */
function deliveryOf(body: object): string | undefined {
  if ('event_id' in body && typeof body.event_id === 'string') return body.event_id;
  return 'trigger_id' in body && typeof body.trigger_id === 'string' ? body.trigger_id : undefined;
}
