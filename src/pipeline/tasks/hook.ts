import type { CommandEnd } from '../commands.ts';
import { checksProblem, hasFailed, type RequiredChecks } from '../domain/checks.ts';
import type { HookAbout, HookCall } from '../domain/hook.ts';
import type { Outcome, TaskInputs } from '../domain/task.ts';
import type { Millis } from '../domain/time.ts';
import { ProviderError } from '../provider.ts';
import { webhookSignature } from '../webhook-signature.ts';
import { inBuildPlace } from './build-place.ts';
import { checkOut } from './checkout.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { inWords, runLogged } from './run-command.ts';
import { inScratch } from './scratch.ts';

/** How long one call may take: what takes longer is asked again until the hook's own deadline. */
const oneCall: Millis = 60_000;
const shownLines = 10;
const shownLength = 300;

/**
 * Does what others want done around a stage: a signed call, or a command of the commit. It may be done twice; a call carries the
 * same id then.
 */
export const hook: Task<'hook'> = {
  kind: 'hook',
  run: async (input, tools, call): Promise<Outcome<'hook'>> => {
    call.progress(`hook ${input.about.hook}`);
    if (input.how.by === 'checks') return standing(input.about, input.how.checks, tools, call);
    if (input.how.by === 'call') await post(input.about, input.how, input.within, tools, call);
    else await runCommand(input, tools, call);
    return { is: 'done', result: {} };
  },
};

/** How long until the forge is asked again. */
const askAgain: Millis = 20_000;

/** Whether the commit's checks have passed: done, not yet, or one of them failed. */
async function standing(
  { commit }: HookAbout,
  checks: RequiredChecks,
  { checks: ask }: TaskTools,
  call: TaskCall,
): Promise<Outcome<'hook'>> {
  if (ask === undefined) throw new ProviderError('denied', 'This worker cannot ask a forge for checks.');
  const found = await ask(checks, commit);
  const problem = checksProblem(checks.required, found);
  call.log(problem ?? `${checks.required.join(', ')} passed`);
  if (problem === undefined) return { is: 'done', result: {} };
  if (hasFailed(checks.required, found))
    throw new ProviderError(
      'tests failed',
      `At ${checks.forge === 'github' ? 'GitHub' : 'GitLab'}, ${problem}. Nothing was built; mend it, or have the check run again and retry.`,
    );
  return { is: 'not yet', again: askAgain, known: undefined, note: `waits for checks: ${problem}` };
}

async function post(
  about: HookAbout,
  { url, key }: HookCall,
  within: Millis,
  tools: TaskTools,
  call: TaskCall,
): Promise<void> {
  const { hook: name, when, stage, deployment, service, version, round } = about;
  const { host } = new URL(url);
  const id = `${when}.${stage}.${name}.${deployment ?? `${service}.v${version}`}${round === undefined ? '' : `.${round}`}`;
  const seconds = Math.floor(tools.now() / 1_000);
  const body = JSON.stringify({ type: 'hook', data: about });
  const signature = webhookSignature(await tools.secret(key), { id, seconds, body });
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'bakery',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signature,
    },
    body,
    redirect: 'error',
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(Math.min(oneCall, within))]),
  }).catch((cause: unknown) => {
    if (call.signal.aborted) throw new ProviderError('aborted', `It was cancelled during the hook ${name}.`);
    throw new ProviderError('unreachable', `The hook ${name} at ${host} does not answer.`, { cause });
  });
  const said = (await firstBytes(response)).split('\n').slice(0, shownLines);
  const lines = said.map((line) => line.slice(0, shownLength)).filter((line) => line.trim() !== '');
  for (const line of lines) call.log(line);
  call.log(`${host} answered ${response.status}`);
  if (response.ok) return;
  const again = response.status >= 500 || [408, 425, 429].includes(response.status);
  throw new ProviderError(
    again ? 'unreachable' : 'denied',
    `The hook ${name} at ${host} answered ${response.status}${again ? '' : ', which is a no'}.`,
    { lines },
  );
}

/** As much of an answer as is shown: nobody's answer fills this worker's memory. */
async function firstBytes(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > shownLines * shownLength) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function runCommand(
  { about, within, how, checkout }: TaskInputs['hook'],
  tools: TaskTools,
  call: TaskCall,
): Promise<void> {
  if (how.by !== 'command' || checkout === undefined)
    throw new ProviderError('bug', 'A hook that is neither call nor command.');
  const { image, mark, ...from } = checkout;
  await inScratch(tools.scratch, 'run the hook', async (scratch) => {
    const files = await checkOut(from, scratch, tools, call);
    const build = { commands: [], ...(image === undefined ? {} : { image }) };
    await inBuildPlace({ mark }, { build }, files, scratch, tools, call, async ({ commands, cwd, env }) => {
      const order = { argv: how.argv, timeout: within, cwd, env: { ...env, ...variables(about) } };
      const failure = failureOf(
        about.hook,
        within,
        await runLogged(order, `hook ${about.hook}`, commands, call),
      );
      if (failure !== undefined) throw failure;
    });
  });
}

/** What its command knows of where it runs: no settings and no secrets. */
const variables = ({
  when,
  stage,
  service,
  version,
  commit,
  environment,
  retires,
}: HookAbout): Record<string, string> => ({
  BAKERY_HOOK: `${when} ${stage}`,
  BAKERY_SERVICE: service,
  BAKERY_VERSION: `v${version}`,
  BAKERY_COMMIT: commit,
  ...(environment === undefined ? {} : { BAKERY_ENVIRONMENT: environment }),
  ...(retires === undefined ? {} : { BAKERY_RETIRES: `v${retires}` }),
});

function failureOf(name: string, within: Millis, end: CommandEnd): ProviderError | undefined {
  const lines = end.lastLines;
  if ('killed' in end)
    return new ProviderError(
      'timeout',
      `The hook ${name} took longer than ${inWords(within)} and was ended.`,
      {
        lines,
      },
    );
  if ('notStarted' in end)
    return new ProviderError('command failed', `The hook ${name} could not be started: ${end.notStarted}.`, {
      lines,
    });
  if (end.exit === 0) return undefined;
  return new ProviderError('command failed', `The hook ${name} failed with exit code ${end.exit}.`, {
    lines,
  });
}
