import type { EngineSettings } from '../settings.ts';

/** What the process that follows a container is told, as its one argument: no secret, only where files of keys are. */
export interface Run {
  engine: EngineSettings;
  container: string;
}

/** The worker that starts the process is the only one that writes it. */
export const readRun = (text: string | undefined): Run => JSON.parse(text ?? '') as Run;
