import * as z from 'zod';
import { type Hook, type HookStage, hookProblem, hookStages } from '../pipeline/domain/hook.ts';
import { argv, limit, name } from './fields.ts';
import { secretReference } from './secret.ts';
import { named, strict } from './strict.ts';

/** A builder's room and a lease do not wait longer. */
const longest = 30 * 60_000;

const stage = z.enum(hookStages, { error: `must be one of ${hookStages.join(', ')}; correct it.` });

const common = {
  before: stage.optional(),
  after: stage.optional(),
  within: limit
    .refine((millis) => millis <= longest, { error: 'must be at most 30m; correct it.' })
    .prefault('1m'),
  failure: z
    .enum(['stop', 'continue'], { error: 'must be `stop` or `continue`; correct it.' })
    .default('stop'),
  environments: z.array(name).min(1).max(100).optional(),
};

interface Written {
  before?: HookStage | undefined;
  after?: HookStage | undefined;
  failure: 'stop' | 'continue';
}

function checkPlace(made: Written, context: z.core.$RefinementCtx): void {
  const place = placeOf(made);
  const problem = place === undefined ? 'must have exactly one of `before` and `after`.' : hookProblem(place);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
}

function placeOf({ before, after, failure }: Written): Pick<Hook, 'when' | 'stage' | 'stops'> | undefined {
  const stops = failure === 'stop';
  if (before !== undefined && after === undefined) return { when: 'before', stage: before, stops };
  return before === undefined && after !== undefined ? { when: 'after', stage: after, stops } : undefined;
}

/** Calls, which only the operators ask for. */
export const hookCallsFile = named(
  name,
  strict('services/*.yaml', {
    ...common,
    url: z.url({
      protocol: /^https?$/,
      error: 'must be an address, like https://hooks.example.com; correct it.',
    }),
    key: secretReference,
  }).superRefine(checkPlace),
);

/** Commands of the commit. `bakery.yaml` is read in the build: before that there is none. */
export const hookCommandsFile = named(
  name,
  strict('bakery.yaml', { ...common, run: argv })
    .superRefine(checkPlace)
    .refine(({ before }) => before !== 'build', {
      path: ['before'],
      error: 'cannot be `build`: this file is read by then; make it a step of `build`.',
    }),
);

type Common = Written & { within: number; environments?: string[] | undefined };

const hookOf = (called: string, made: Common, how: Hook['how']): Hook[] => {
  const place = placeOf(made);
  if (place === undefined) return [];
  const { within, environments } = made;
  return [{ name: called, ...place, within, ...(environments === undefined ? {} : { environments }), how }];
};

export const toHookCalls = (file: z.output<typeof hookCallsFile>): Hook[] =>
  Object.entries(file).flatMap(([called, made]) =>
    hookOf(called, made, { by: 'call', url: made.url, key: made.key }),
  );

export const toHookCommands = (file: z.output<typeof hookCommandsFile>): Hook[] =>
  Object.entries(file).flatMap(([called, made]) => hookOf(called, made, { by: 'command', argv: made.run }));
