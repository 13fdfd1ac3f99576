import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Group } from './objects.ts';

/** The weights that a rule's actions give to target groups, by their ARNs. */
export function weightsIn(actions: readonly Action[]): Map<string, number> {
  const forward = actions.find(({ Type }) => Type === 'forward');
  const tuples = forward?.ForwardConfig?.TargetGroups ?? [
    { TargetGroupArn: forward?.TargetGroupArn, Weight: 1 },
  ];
  return new Map(
    tuples.flatMap(({ TargetGroupArn: arn, Weight }): [string, number][] =>
      arn === undefined ? [] : [[arn, Weight ?? 1]],
    ),
  );
}

/** The same actions, with what comes last in a rule forwarding to these groups. What is asked before it (a login) stays. */
export function forwarding(actions: readonly Action[], groups: readonly Group[]): Action[] {
  const isAsked = ({ Type }: Action): boolean => Type?.startsWith('authenticate-') ?? false;
  const sticky = actions.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroupStickinessConfig;
  const TargetGroups = groups.map(({ arn, given }) => ({ TargetGroupArn: arn, Weight: given }));
  const asked = actions.filter(isAsked);
  return [
    ...asked,
    {
      Type: 'forward',
      ...(asked.length > 0 ? { Order: asked.length + 1 } : {}),
      ForwardConfig: {
        TargetGroups,
        ...(sticky === undefined ? {} : { TargetGroupStickinessConfig: sticky }),
      },
    },
  ];
}
