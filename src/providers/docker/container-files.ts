import type { Container } from 'dockerode';
import { secretsFolder } from './container.ts';
import { contextOf } from './context.ts';

/**
 * Puts secrets that come as files into a container that is not started yet: into a volume of its own, which no image,
 * label or answer of `inspect` shows, and which goes with it.
 */
export async function bringFiles(
  container: Container,
  files: Record<string, string> | undefined,
): Promise<void> {
  if (files === undefined) return;
  const secrets = Object.entries(files).map(([path, content]) => ({ path, mode: 0o444, content }));
  await container.putArchive(contextOf(secrets), { path: secretsFolder });
}
