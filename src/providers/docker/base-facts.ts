import type Dockerode from 'dockerode';
import { unlessGone } from './faults.ts';

/** What the engine knows of an image's base, and of itself. */
export interface Facts {
  baseDigest: string;
  engine: string;
}

/** What the name of a base stands for on an engine now: its id, empty when it is not there, and what is said of it. */
export async function lookAtBase(docker: Dockerode, base: string): Promise<{ id: string; facts: Facts }> {
  const [seen, { Version }] = await Promise.all([
    // A Dockerfile of the service's own names its base itself.
    base === '' ? undefined : unlessGone(docker.getImage(base).inspect()),
    docker.version(),
  ]);
  const id = seen?.Id ?? '';
  return { id, facts: { baseDigest: seen?.RepoDigests?.[0]?.split('@')[1] ?? id, engine: Version } };
}
