import { Engines } from './engines.ts';
import { asProviderError } from './faults.ts';
import type { EngineSettings } from './settings.ts';

/** What an engine tells of itself, as far as Bakery asks for it. */
export interface EngineFacts {
  ServerVersion?: string;
  LiveRestoreEnabled?: boolean;
  OSType?: string;
  MemoryLimit?: boolean;
  PidsLimit?: boolean;
  CpuCfsQuota?: boolean;
}

/** What is missing on an engine, in sentences with what to do. None: all is well. */
export function missingOn(name: string, facts: EngineFacts): string[] {
  const missing: string[] = [];
  if (facts.OSType !== 'linux')
    missing.push(
      `The engine ${name} runs ${facts.OSType ?? 'an unknown system'}; Bakery needs one on Linux.`,
    );
  if (facts.LiveRestoreEnabled !== true)
    missing.push(
      `The engine ${name} has no live-restore: whatever runs on it ends when it is stopped or updated. Put { "live-restore": true } into its /etc/docker/daemon.json and reload it.`,
    );
  const limits = { memory: facts.MemoryLimit, cpu: facts.CpuCfsQuota, pids: facts.PidsLimit };
  for (const [what, has] of Object.entries(limits))
    if (has === false)
      missing.push(
        `The engine ${name} cannot limit ${what}: an instance could take the whole host. Enable that cgroup controller in its kernel.`,
      );
  return missing;
}

/** `bakery check docker`: asks each engine of one provider and prints a line for each and for all that is missing. */
export async function checkDocker(
  provider: string,
  settings: Record<string, EngineSettings>,
  print: (line: string) => void,
): Promise<0 | 1> {
  let code: 0 | 1 = 0;
  for (const { name, docker } of new Engines(settings).all) {
    try {
      const facts: EngineFacts = await docker.info();
      const missing = missingOn(name, facts);
      print(`${provider}, engine ${name}: Docker ${facts.ServerVersion}, ${missing.length} missing.`);
      for (const sentence of missing) print(sentence);
      if (missing.length > 0) code = 1;
    } catch (error) {
      print(`${provider}, engine ${name}: ${asProviderError(error, 'be asked').message}`);
      code = 1;
    }
  }
  return code;
}
