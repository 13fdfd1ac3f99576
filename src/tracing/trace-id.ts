import { createHash } from 'node:crypto';
import type { TracedName } from '../pipeline/domain/trace.ts';

export const hex = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/**
 * A trace's id follows from the names of the installation and of the release or deployment, so that every process knows it
 * without being told: bot and workers, before and after a restart. 32 hex digits (W3C Trace Context, section 3.2.2.3).
 */
export const traceId = (installation: string, name: TracedName): string =>
  hex(`trace ${installation} ${name}`, 32);

/** Where a person reads a trace, by the operators' template. */
export const traceLink = (template: string, installation: string, name: TracedName): string =>
  template.replaceAll('{trace}', traceId(installation, name));
