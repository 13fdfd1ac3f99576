import type { Millis } from '../../pipeline/domain/time.ts';
import type { Share } from '../../providers/aws/budget.ts';
import type { Role } from '../../providers/aws/role.ts';

/** How the load balancer asks a target for its health, in seconds and in goes. */
export interface Check {
  every: number;
  timeout: number;
  up: number;
  down: number;
}

export interface ElbSettings extends Role {
  region: string;
  /** The name or ARN of an Application or Network Load Balancer. Listeners and target groups below it are Bakery's to make. */
  loadBalancer: string;
  /** Where workers and users reach its front doors; its own DNS name without it. */
  host?: string | undefined;
  /** The ARN of a certificate: the listeners that Bakery makes then speak HTTPS. */
  certificate?: string | undefined;
  /** `instance` where members are EC2 instances, `ip` for whatever has an address in the load balancer's network. */
  targets: 'instance' | 'ip';
  check: Check;
  /** The deregistration delay: seconds until the load balancer cuts what a drained target still answers. */
  drain: number;
  /** Its part of what all workers may ask of ELB. */
  share?: Share | undefined;
  /** How long a shift waits for targets that it had to register anew. */
  patience: Millis;
}
