import type Dockerode from 'dockerode';
import type { Container, ContainerCreateOptions } from 'dockerode';
import { removed } from './faults.ts';

/**
 * Does some work with a container that is never started, and removes it; when the work went well, `cleared` resolves when
 * it is gone, which what comes next need not wait for.
 */
export async function inIdleContainer<Value>(
  docker: Dockerode,
  wanted: ContainerCreateOptions,
  work: (container: Container) => Promise<Value>,
): Promise<{ value: Value; cleared: Promise<void> }> {
  const { id } = await docker.createContainer(wanted);
  const container = docker.getContainer(id);
  const clear = () => removed(container.remove({ force: true, v: true }));
  try {
    const value = await work(container);
    const cleared = clear();
    // Whoever waits for it hears of its failure; what is left is found by its mark.
    cleared.catch(() => undefined);
    return { value, cleared };
  } catch (error) {
    await clear();
    throw error;
  }
}
