import {
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Frontend } from '../../pipeline/domain/task.ts';
import type { Call } from '../../pipeline/provider.ts';
import { asked, clientOptions } from '../../providers/aws/cloud.ts';
import { codeOf, unless } from '../../providers/aws/faults.ts';
import { slotTag } from './book.ts';
import { ElasticLoadBalancer } from './load-balancer.ts';
import { groupName } from './names.ts';
import { letters } from './objects.ts';
import type { ElbSettings } from './settings.ts';

/**
 * Takes a slot's listener and target groups away, for a slot that is no more. Bakery itself never does: a slot without
 * members keeps its epoch. Gone already is fine; somebody else's listener stays.
 */
export async function removeSlot(settings: ElbSettings, frontend: Frontend, call: Call): Promise<void> {
  const balancer = new ElasticLoadBalancer(settings);
  const client = new ElasticLoadBalancingV2Client(clientOptions(settings));
  const { LoadBalancerArn } = await balancer.itself(call);
  const listener = await balancer.listener(frontend, call);
  const arn = listener?.ListenerArn ?? '';
  if (listener !== undefined && (await balancer.tags(arn, call))[slotTag] === frontend.slot)
    await asked('elasticloadbalancing:DeleteListener', call, (options) =>
      client.send(new DeleteListenerCommand({ ListenerArn: arn }), options),
    );
  for (const letter of letters) {
    const Names = [groupName(LoadBalancerArn, frontend.slot, letter)];
    const found = await unless(
      (error) => codeOf(error) === 'TargetGroupNotFound',
      asked('elasticloadbalancing:DescribeTargetGroups', call, (options) =>
        client.send(new DescribeTargetGroupsCommand({ Names }), options),
      ),
    );
    const TargetGroupArn = found?.TargetGroups?.[0]?.TargetGroupArn;
    if (TargetGroupArn === undefined) continue;
    await asked('elasticloadbalancing:DeleteTargetGroup', call, (options) =>
      client.send(new DeleteTargetGroupCommand({ TargetGroupArn }), options),
    );
  }
}
