import type { EnvironmentPolicy } from './policy.ts';
import type { ServiceFile } from './service-file.ts';
export function settingsProblems(_order: {
  file: ServiceFile;
  environment: EnvironmentPolicy;
  others: EnvironmentPolicy[];
}): string[] {
  return [];
}
