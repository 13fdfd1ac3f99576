import type { LaunchSpec, Mark, TaskInputs } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import type { LaunchOrder, Provider } from '../provider.ts';
import type { Task, TaskCall, TaskTools } from './contract.ts';
import { waiting } from './waiting.ts';

/** The settings with secrets read, and three names by which a service knows what and where it is. */
export const environmentOf = async (
  spec: LaunchSpec,
  mark: Mark,
  tools: TaskTools,
  { readsSecret }: Pick<Provider, 'readsSecret'>,
): Promise<Pick<LaunchOrder, 'environment' | 'files'>> => {
  const environment: Record<string, string> = {
    BAKERY_SERVICE: mark.service,
    BAKERY_VERSION: String(mark.version),
    BAKERY_ENVIRONMENT: mark.environment,
  };
  const files: Record<string, string> = {};
  for (const [name, setting] of Object.entries(spec.settings)) {
    if ('value' in setting) environment[name] = setting.value;
    else if (!readsSecret(setting.secret))
      (setting.file === true ? files : environment)[name] = await tools.secret(setting.secret);
  }
  return { environment, ...(Object.keys(files).length === 0 ? {} : { files }) };
};

/** Starts one instance with its settings, or finds it; done when its own health check passes. */
export const launch: Task<'launch'> = {
  kind: 'launch',
  run: async (input, tools, call) => {
    const { provider, image, spec, mark } = input;
    const cloud = tools.provider(provider);
    const told = await environmentOf(spec, mark, tools, cloud);
    const expecting = new Expecting(input, tools, call);
    const onStarting = (address?: string): void => expecting.begin(address);
    const reply = await cloud
      .launch({ image, spec, ...told, mark, onStarting }, call)
      .catch(async (error: unknown) => {
        await expecting.end();
        throw error;
      });
    await expecting.told();
    if (!reply.ready) return waiting(reply);
    call.log(`${reply.value.id} is healthy at ${reply.value.address}`);
    return { is: 'done', result: { instance: { ...reply.value, provider } } };
  },
};

/** Milliseconds that one word to the balancer may take. */
const patience = 2_000;

/** Tells the balancer whom to expect while it starts, and that it does not come when that failed. */
class Expecting {
  readonly #input: TaskInputs['launch'];
  readonly #tools: TaskTools;
  readonly #call: TaskCall;
  #telling = Promise.resolve();

  constructor(input: TaskInputs['launch'], tools: TaskTools, call: TaskCall) {
    this.#input = input;
    this.#tools = tools;
    this.#call = call;
  }

  begin(address?: string): void {
    this.#tell(this.#tools.now() + this.#input.spec.health.within, address);
  }

  end(): Promise<void> {
    this.#tell(this.#tools.now());
    return this.told();
  }

  told(): Promise<void> {
    return this.#telling;
  }

  /** Also of a launch that was cancelled, the balancer is told that nobody comes. */
  #soon(): TaskCall {
    return { ...this.#call, signal: AbortSignal.timeout(patience) };
  }

  /** One after the other: what was told last counts. */
  #tell(until: At, address?: string): void {
    const { behind, mark, spec } = this.#input;
    if (behind === undefined) return;
    const { balancer, frontend } = behind;
    const key = `${mark.effect}.${mark.generation}`;
    const expected = { key, path: spec.health.path, ...(address === undefined ? {} : { address }) };
    const tell = async (): Promise<void> =>
      this.#tools.balancer(balancer).expect?.(frontend, expected, until, this.#soon());
    // It saves time and is needed for nothing: what is wrong with the balancer, admit tells.
    this.#telling = this.#telling.then(tell).catch(() => undefined);
  }
}
