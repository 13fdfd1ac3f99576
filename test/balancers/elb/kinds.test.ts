import { describe, expect, it } from 'vitest';
import { isSafe, kindOf, speaking } from '../../../src/balancers/elb/kinds.ts';

const of = (Type: 'application' | 'network' | 'gateway') => kindOf({ Type, LoadBalancerName: 'edge' });
const certificate = 'arn:aws:acm:eu-central-1:123456789012:certificate/1';

describe('a listener that Bakery makes', () => {
  it('speaks HTTP or TCP by the kind of its load balancer, and over TLS with a certificate', () => {
    expect(speaking(of('application'), undefined)).toEqual({ Protocol: 'HTTP' });
    expect(speaking(of('network'), undefined)).toEqual({ Protocol: 'TCP' });
    const Certificates = [{ CertificateArn: certificate }];
    expect(speaking(of('application'), certificate)).toEqual({ Protocol: 'HTTPS', Certificates });
    expect(speaking(of('network'), certificate)).toEqual({ Protocol: 'TLS', Certificates });
    expect(['HTTP', 'TCP', 'HTTPS', 'TLS'].filter(isSafe)).toEqual(['HTTPS', 'TLS']);
  });
});

describe('a load balancer of another kind', () => {
  it('is refused with a sentence, and nothing is changed', () => {
    expect(() => of('gateway')).toThrow(/edge is a gateway one.*Nothing was changed/);
  });
});
