import type {
  CreateListenerCommandInput,
  LoadBalancer,
  ProtocolEnum,
  TargetGroupAttribute,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ProviderError } from '../../pipeline/provider.ts';

/** What is asked of one kind of load balancer, where it is not asked of the other. */
export interface Kind {
  /** As ELB's limits call it. */
  name: 'application' | 'network';
  /** How its targets are spoken to; their health is asked over HTTP all the same. */
  targets: ProtocolEnum;
  /** How its listeners speak: with a certificate, and without. */
  safe: ProtocolEnum;
  plain: ProtocolEnum;
  /** Of its target groups, beside the deregistration delay. */
  attributes: TargetGroupAttribute[];
}

const application: Kind = {
  ...{ name: 'application', targets: 'HTTP', safe: 'HTTPS', plain: 'HTTP', attributes: [] },
};

/**
 * A node of a Network Load Balancer knows the targets of its own zone alone, unless it is told otherwise ("Cross-zone
 * load balancing for target groups"): then a weight is a share of what every node gets.
 */
const network: Kind = {
  ...{ name: 'network', targets: 'TCP', safe: 'TLS', plain: 'TCP' },
  attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }],
};

/** Throws `bad settings` for one of another kind. */
export function kindOf({ Type, LoadBalancerName }: LoadBalancer): Kind {
  if (Type === 'application') return application;
  if (Type === 'network') return network;
  throw new ProviderError(
    'bad settings',
    `The load balancer ${LoadBalancerName} is a ${Type} one, and Bakery moves traffic by the weights of an Application or a Network Load Balancer. Nothing was changed; name one of these in bot.yaml.`,
  );
}

/** Whether a listener of either kind is spoken to over TLS. */
export const isSafe = (protocol: string | undefined): boolean => protocol === 'HTTPS' || protocol === 'TLS';

/** How a listener that Bakery makes speaks. */
export const speaking = (
  { safe, plain }: Kind,
  certificate: string | undefined,
): Pick<CreateListenerCommandInput, 'Protocol' | 'Certificates'> =>
  certificate === undefined
    ? { Protocol: plain }
    : { Protocol: safe, Certificates: [{ CertificateArn: certificate }] };
