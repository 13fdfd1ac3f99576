import { SlackRefusal } from '../errors.ts';
import { parseJson } from '../fields.ts';
import type { Fields, View } from '../types.ts';
import { wireView } from '../wire.ts';
import { type ApiContext, type ApiMethod, required } from './method.ts';

const open = { token: 'bot', tier: 4 } as const;

/** The methods that begin with `views.`. */
export const viewMethods: Readonly<Record<string, ApiMethod>> = {
  'views.open': {
    ...open,
    answer(args, context) {
      const { user } = context.triggers.take(required(args, 'trigger_id'));
      return answer(context.views.open(user, viewOf(args)), context);
    },
  },
  'views.push': {
    ...open,
    answer(args, context) {
      const { user, view } = context.triggers.take(required(args, 'trigger_id'));
      if (view === undefined) throw new SlackRefusal('invalid_trigger_id');
      return answer(context.views.push(user, viewOf(args)), context);
    },
  },
  'views.update': {
    ...open,
    answer: (args, context) => answer(context.views.update(args, viewOf(args)), context),
  },
  'views.publish': {
    ...open,
    answer(args, context) {
      const user = required(args, 'user_id');
      if (!context.state.people.has(user)) throw new SlackRefusal('user_not_found');
      return answer(context.views.publish(user, args, viewOf(args)), context);
    },
  },
};

function viewOf(args: Fields): unknown {
  return typeof args.view === 'string' ? parseJson(args.view) : args.view;
}

function answer(view: View, { state }: ApiContext): Fields {
  return { view: wireView(view, state) };
}
