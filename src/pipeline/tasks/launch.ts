import type { LaunchSpec, Mark, TaskInputs } from '../domain/task.ts';
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
    const telling = call.known === undefined ? expected(input, tools, call) : undefined;
    const reply = await cloud.launch({ image, spec, ...told, mark }, call).finally(() => telling);
    if (!reply.ready) return waiting(reply);
    call.log(`${reply.value.id} is healthy at ${reply.value.address}`);
    return { is: 'done', result: { instance: { ...reply.value, provider } } };
  },
};

/** Tells the balancer to get ready, while the instance starts. */
async function expected(
  { behind, spec }: TaskInputs['launch'],
  tools: TaskTools,
  call: TaskCall,
): Promise<void> {
  if (behind === undefined) return;
  const { balancer, frontend, count } = behind;
  try {
    await tools.balancer(balancer).expect?.(frontend, count, tools.now() + spec.health.within, call);
  } catch {
    // It saves time and is needed for nothing: what is wrong with the balancer, admit tells.
  }
}
