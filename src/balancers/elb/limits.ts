/** How many of something are there, and may be; a limit that ELB does not tell is none that could be read. */
export interface Count {
  limit: number | undefined;
  used: number;
}

/** What is below a load balancer of what Bakery makes. */
export interface Below {
  listeners: Count;
  groups: Count;
  /** How many target groups one rule may forward to. */
  atOnce?: number | undefined;
}

/** What there is no room for when so many slots come, each with a listener and two target groups. */
export function limitFindings(name: string, { listeners, groups, atOnce }: Below, coming: number): string[] {
  const isFull = ({ limit, used }: Count, each: number): boolean =>
    limit !== undefined && coming > 0 && used + each * coming > limit;
  const finding = ({ limit, used }: Count, what: string, each: string): string =>
    `The load balancer ${name} has ${used} of ${limit} ${what}, and ${coming} slots that have none yet need ${each} each. Ask AWS to raise that quota (Service Quotas, Elastic Load Balancing), or spread the slots over several load balancers.`;
  return [
    ...(isFull(listeners, 1) ? [finding(listeners, 'listeners', 'one')] : []),
    ...(atOnce !== undefined && atOnce < 2
      ? [
          `A listener of the load balancer ${name} forwards to ${atOnce} target group at once in this account, and a cut-over needs two. Ask AWS to raise that quota (Service Quotas, Elastic Load Balancing), or use an Application Load Balancer.`,
        ]
      : []),
    ...(isFull(groups, 2) ? [finding(groups, 'target groups', 'two')] : []),
  ];
}
