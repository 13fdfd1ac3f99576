import { createHash } from 'node:crypto';
import { type Letter, letters } from './objects.ts';

/** ELB takes 32 letters, digits and single hyphens: the slot as people know it, and what makes it the only one. */
export function groupName(loadBalancer: string, slot: string, letter: Letter): string {
  const words = slot
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 21)
    .replace(/-$/, '');
  const only = createHash('sha256').update(`${loadBalancer} ${slot}`).digest('hex').slice(0, 8);
  return `${words}-${only}-${letter}`;
}

/** The letter of a group of this slot; undefined for a group of somebody else's. */
export const letterOf = (name: string, loadBalancer: string, slot: string): Letter | undefined =>
  letters.find((letter) => groupName(loadBalancer, slot, letter) === name);

/** `i-…:8080` or `10.0.1.5:8080` as ELB takes it; the port is behind the last colon. */
export function targetOf(key: string): { Id: string; Port: number } {
  const at = key.lastIndexOf(':');
  return { Id: key.slice(0, at), Port: Number(key.slice(at + 1)) };
}

/** The target that an instance is, by its id or by its address. */
export function keyOf(targets: 'instance' | 'ip', instance: string, address: string): string {
  const { hostname, port } = new URL(address);
  return `${targets === 'instance' ? instance : hostname.replace(/^\[|\]$/g, '')}:${port || 80}`;
}
