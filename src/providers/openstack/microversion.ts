import { z } from 'zod';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Session } from './session.ts';

const documentSchema = z.object({ version: z.object({ version: z.string(), min_version: z.string() }) });

const minorOf = (version: string): number => Number(/^2\.(\d+)$/.exec(version)?.[1] ?? Number.NaN);

/** The newest minor of Nova's 2.x that both sides speak; undefined when there is none. */
export function agreed(
  cloud: { least: number; most: number },
  ours: { least: number; most: number },
): number | undefined {
  const minor = Math.min(cloud.most, ours.most);
  return minor >= Math.max(cloud.least, ours.least) ? minor : undefined;
}

/** The header that asks Nova for the newest microversion in `ours` that it has. Throws `bad settings` when it has none. */
export async function computeVersion(
  session: Session,
  ours: { least: number; most: number },
  signal: AbortSignal,
): Promise<{ 'openstack-api-version': string }> {
  const question = { service: 'compute', path: '/', doing: 'tell its versions' } as const;
  const { version } = await session.ask(question, documentSchema, signal);
  const minor = agreed({ least: minorOf(version.min_version), most: minorOf(version.version) }, ours);
  if (minor === undefined)
    throw new ProviderError(
      'bad settings',
      `This cloud's Nova speaks 2.${minorOf(version.min_version)} to ${version.version}; Bakery needs 2.${ours.least} or newer.`,
    );
  return { 'openstack-api-version': `compute 2.${minor}` };
}
