import {
  type Action,
  AddTagsCommand,
  CreateListenerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Frontend } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { type Budget, budgetOf } from '../../providers/aws/budget.ts';
import { asked, clientOptions } from '../../providers/aws/cloud.ts';
import { codeOf, unless } from '../../providers/aws/faults.ts';
import { epochTag, slotTag, type Tags } from './book.ts';
import { forwarding } from './forward.ts';
import { type Kind, kindOf, speaking } from './kinds.ts';
import type { Below } from './limits.ts';
import { groupName, targetOf } from './names.ts';
import type { Group, Letter, Target } from './objects.ts';
import { everyPage } from './pages.ts';
import type { ElbSettings } from './settings.ts';

type Looking = Pick<Call, 'signal'>;
type Options = { abortSignal: AbortSignal };

const isA = (code: string) => (error: unknown) => codeOf(error) === code;

/** One load balancer, of either kind: what is below it, one call each. */
export class ElasticLoadBalancer {
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #settings: ElbSettings;
  readonly #budget: Budget | undefined;
  #found: Promise<LoadBalancer> | undefined;

  constructor(settings: ElbSettings) {
    this.#settings = settings;
    this.#budget = budgetOf(settings, 'elb', settings.share);
    this.#client = new ElasticLoadBalancingV2Client(clientOptions(settings));
  }

  /** The load balancer itself, looked up once. Throws `bad settings` when it is none that Bakery can use. */
  async itself(call: Looking): Promise<LoadBalancer & { LoadBalancerArn: string }> {
    const found = this.#found ?? this.#lookItUp(call);
    this.#found = found;
    try {
      const it = await found;
      return { ...it, LoadBalancerArn: it.LoadBalancerArn ?? '' };
    } catch (error) {
      this.#found = undefined;
      throw error;
    }
  }

  /** The listener of a port, whoever made it. */
  async listener({ port }: Frontend, call: Looking): Promise<Listener | undefined> {
    return (await this.listeners(call)).find(({ Port }) => Port === port);
  }

  async listeners(call: Looking): Promise<Listener[]> {
    const { LoadBalancerArn } = await this.itself(call);
    return everyPage(async (Marker) => {
      const page = await this.#ask('DescribeListeners', call, (options) =>
        this.#client.send(new DescribeListenersCommand({ LoadBalancerArn, Marker }), options),
      );
      return [page.Listeners, page.NextMarker];
    });
  }

  /** What is below it and what the account may have below one, as ELB names its limits. */
  async below(call: Looking): Promise<Below> {
    const it = await this.itself(call);
    const { LoadBalancerArn } = it;
    const [listeners, groups, limits] = await Promise.all([
      this.listeners(call),
      everyPage(async (Marker) => {
        const command = new DescribeTargetGroupsCommand({ LoadBalancerArn, Marker });
        // One with none yet may be told so (DescribeTargetGroups, "Errors").
        const page = await unless(
          isA('TargetGroupNotFound'),
          this.#ask('DescribeTargetGroups', call, (options) => this.#client.send(command, options)),
        );
        return [page?.TargetGroups, page?.NextMarker];
      }),
      everyPage(async (Marker) => {
        const page = await this.#ask('DescribeAccountLimits', call, (options) =>
          this.#client.send(new DescribeAccountLimitsCommand({ Marker }), options),
        );
        return [page.Limits, page.NextMarker];
      }),
    ]);
    const { name: kind } = kindOf(it);
    const limitOf = (what: string): number | undefined => {
      const found = limits.find(({ Name }) => Name === `${what}-${kind}-load-balancer`)?.Max;
      return found === undefined ? undefined : Number(found);
    };
    return {
      listeners: { limit: limitOf('listeners-per'), used: listeners.length },
      groups: { limit: limitOf('target-groups-per'), used: groups.length },
      atOnce: limitOf('target-groups-per-action-on'),
    };
  }

  async tags(arn: string, call: Looking): Promise<Tags> {
    const { TagDescriptions = [] } = await this.#ask('DescribeTags', call, (options) =>
      this.#client.send(new DescribeTagsCommand({ ResourceArns: [arn] }), options),
    );
    return Object.fromEntries((TagDescriptions[0]?.Tags ?? []).map(({ Key, Value }) => [Key, Value ?? '']));
  }

  async groups(arns: string[], call: Looking): Promise<TargetGroup[]> {
    if (arns.length === 0) return [];
    const { TargetGroups = [] } = await this.#ask('DescribeTargetGroups', call, (options) =>
      this.#client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: arns }), options),
    );
    return TargetGroups;
  }

  async targets(arn: string, call: Looking): Promise<Target[]> {
    const { TargetHealthDescriptions = [] } = await this.#ask('DescribeTargetHealth', call, (options) =>
      this.#client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }), options),
    );
    return TargetHealthDescriptions.map(({ Target: target, TargetHealth: health }) => ({
      key: `${target?.Id}:${target?.Port}`,
      state: health?.State ?? 'unavailable',
    }));
  }

  /** Makes a target group, or finds it: ELB gives a name once. */
  async makeGroup(frontend: Frontend, letter: Letter, path: string, call: Call): Promise<Group> {
    const { targets, check } = this.#settings;
    const { LoadBalancerArn, VpcId, ...it } = await this.itself(call);
    const kind = kindOf(it);
    const Name = groupName(LoadBalancerArn, frontend.slot, letter);
    const command = new CreateTargetGroupCommand({
      ...{ Name, VpcId, TargetType: targets, Protocol: kind.targets, Port: 80 },
      Matcher: { HttpCode: '200-299' },
      ...{ HealthCheckProtocol: 'HTTP', HealthCheckPath: path, HealthCheckPort: 'traffic-port' },
      ...{ HealthCheckIntervalSeconds: check.every, HealthCheckTimeoutSeconds: check.timeout },
      ...{ HealthyThresholdCount: check.up, UnhealthyThresholdCount: check.down },
      Tags: marks(frontend, 'target group'),
    });
    const make = this.#change('CreateTargetGroup', call, (options) => this.#client.send(command, options));
    const made = await unless(isA('DuplicateTargetGroupName'), make);
    const group = made?.TargetGroups?.[0] ?? (await this.#groupNamed(Name, call));
    const arn = group.TargetGroupArn ?? '';
    await this.#slowly(arn, kind, call);
    const known = made === undefined ? await this.targets(arn, call) : [];
    return { letter, arn, weight: 0, given: 0, path: group.HealthCheckPath ?? '', targets: known };
  }

  async askAt({ arn }: Group, path: string, call: Call): Promise<void> {
    const command = new ModifyTargetGroupCommand({ TargetGroupArn: arn, HealthCheckPath: path });
    await this.#change('ModifyTargetGroup', call, (options) => this.#client.send(command, options));
  }

  /** Opens a port: of two that do it at once ELB refuses the second. */
  async open(frontend: Frontend, groups: readonly Group[], epoch: number, call: Call): Promise<void> {
    const it = await this.itself(call);
    const { LoadBalancerArn } = it;
    const command = new CreateListenerCommand({
      ...{ LoadBalancerArn, Port: frontend.port, DefaultActions: forwarding([], groups) },
      ...speaking(kindOf(it), this.#settings.certificate),
      Tags: [...marks(frontend, 'listener'), { Key: epochTag, Value: String(epoch) }],
    });
    const make = this.#change('CreateListener', call, (options) => this.#client.send(command, options));
    await unless(isA('DuplicateListener'), make);
  }

  /** All weights of a listener's rule in one step. */
  async forward({ ListenerArn }: Listener, DefaultActions: Action[], call: Call): Promise<void> {
    const command = new ModifyListenerCommand({ ListenerArn, DefaultActions });
    await this.#change('ModifyListener', call, (options) => this.#client.send(command, options));
  }

  async register({ arn }: Group, keys: string[], call: Call): Promise<void> {
    const command = new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: keys.map(targetOf) });
    await this.#change('RegisterTargets', call, (options) => this.#client.send(command, options));
  }

  /** Gone already is fine: ELB lets an instance go by itself when that is ended. */
  async deregister({ arn }: Group, keys: string[], call: Call): Promise<void> {
    const command = new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: keys.map(targetOf) });
    const letGo = this.#change('DeregisterTargets', call, (options) => this.#client.send(command, options));
    await unless(isA('InvalidTarget'), letGo);
  }

  async write(arn: string, tags: Tags, call: Call): Promise<void> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const command = new AddTagsCommand({ ResourceArns: [arn], Tags });
    await this.#change('AddTags', call, (options) => this.#client.send(command, options));
  }

  async forget(arn: string, TagKeys: string[], call: Call): Promise<void> {
    const command = new RemoveTagsCommand({ ResourceArns: [arn], TagKeys });
    await this.#change('RemoveTags', call, (options) => this.#client.send(command, options));
  }

  /** How long a target that is let go may still answer. */
  async #slowly(arn: string, { attributes }: Kind, call: Call): Promise<void> {
    const Value = String(this.#settings.drain);
    const command = new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value }, ...attributes],
    });
    await this.#change('ModifyTargetGroupAttributes', call, (options) => this.#client.send(command, options));
  }

  async #groupNamed(name: string, call: Looking): Promise<TargetGroup> {
    const { TargetGroups = [] } = await this.#ask('DescribeTargetGroups', call, (options) =>
      this.#client.send(new DescribeTargetGroupsCommand({ Names: [name] }), options),
    );
    const [found] = TargetGroups;
    if (found !== undefined) return found;
    throw new ProviderError('busy', `The target group ${name} is not shown yet. Bakery tries again.`);
  }

  async #lookItUp(call: Looking): Promise<LoadBalancer> {
    const { loadBalancer: name } = this.#settings;
    const asked = name.startsWith('arn:') ? { LoadBalancerArns: [name] } : { Names: [name] };
    const answer = await unless(
      isA('LoadBalancerNotFound'),
      this.#ask('DescribeLoadBalancers', call, (options) =>
        this.#client.send(new DescribeLoadBalancersCommand(asked), options),
      ),
    );
    const found = answer?.LoadBalancers?.[0];
    if (found === undefined)
      throw new ProviderError(
        'bad settings',
        `The account has no load balancer ${name} in ${this.#settings.region}. Nothing was changed; make it (examples/aws has a template), or correct the balancer in bot.yaml.`,
      );
    kindOf(found);
    return found;
  }

  async #ask<Answer>(
    name: string,
    call: Looking,
    send: (options: Options) => Promise<Answer>,
  ): Promise<Answer> {
    await this.#budget?.take(call);
    return asked(`elasticloadbalancing:${name}`, call, send);
  }

  async #change<Answer>(
    name: string,
    call: Call,
    send: (options: Options) => Promise<Answer>,
  ): Promise<Answer> {
    call.ensureTime(12_000);
    await this.#budget?.take(call);
    call.ensureTime(12_000);
    return asked(`elasticloadbalancing:${name}`, call, send);
  }
}

const marks = ({ slot }: Frontend, what: string) => [
  { Key: slotTag, Value: slot },
  { Key: 'bakery:what', Value: what },
];
