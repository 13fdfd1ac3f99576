import type { Engine } from './engine.ts';
import { label } from './labels.ts';

/** Ports of an engine's host, in an order of their own for each name, so that two launches seldom try the same. */
export async function portsFor(
  name: string,
  { docker }: Engine,
  { from, to }: { from: number; to: number },
): Promise<number[]> {
  const containers = await docker.listContainers({ all: true, filters: { label: [label.port] } });
  const taken = new Set(containers.map(({ Labels }) => Number(Labels[label.port])));
  const count = to - from + 1;
  const start = [...name].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % count, 7);
  const ports: number[] = [];
  for (let step = 0; step < count && ports.length < tries; step++) {
    const port = from + ((start + step) % count);
    if (!taken.has(port)) ports.push(port);
  }
  return ports;
}

const tries = 5;
