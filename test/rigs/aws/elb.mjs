import { request } from 'node:http';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/**
 * What an Application Load Balancer does and moto 5.2 does not: it asks targets for their health, says `initial` until it
 * has, and `draining` for the whole deregistration delay. Written apart from Bakery's balancer, of which it knows nothing.
 */
const everyMs = 100;
const usualDelay = 300;

export class Elb {
  /** `moto` is its URL, `addressOf(id)` the private address of an instance. */
  constructor(moto, addressOf) {
    this.client = new ElasticLoadBalancingV2Client({
      region: 'eu-central-1',
      endpoint: moto,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    this.addressOf = addressOf;
    this.delays = new Map();
    this.targets = new Map();
    this.freshness = undefined;
    this.turn = Promise.resolve();
    this.changes = 0;
  }

  get rules() {
    return {
      'elb:CreateListener': (asked, forward) => this.#inTurn(() => this.#createListener(asked, forward)),
      'elb:ModifyListener': async (_asked, forward) => this.#changed(await forward()),
      'elb:DeleteListener': async (_asked, forward) => this.#changed(await forward()),
      'elb:RegisterTargets': (asked, forward) => this.#register(asked, forward),
      'elb:DeregisterTargets': (asked) => this.#deregister(asked),
      'elb:DescribeTargetHealth': ({ params }) => ({
        body: healthXml(this.health(params.get('TargetGroupArn'))),
      }),
      'elb:ModifyTargetGroupAttributes': (asked, forward) => this.#attributes(asked, forward),
    };
  }

  start() {
    this.ended = new AbortController();
    this.loop = this.#check();
  }

  async close() {
    this.ended?.abort();
    await this.loop;
    this.client.destroy();
  }

  /** All load balancers' listeners, each with its port and the weights of its rule's target groups. */
  async listeners() {
    if (this.freshness !== undefined && Date.now() - this.freshness.at < 1_000) return this.freshness.found;
    // One look for all that ask meanwhile: a demo asks for each of its requests.
    this.look ??= this.#lookAnew();
    return this.look;
  }

  async #lookAnew() {
    const changes = this.changes;
    try {
      const found = await this.#lookAtAll();
      if (changes === this.changes) this.freshness = { at: Date.now(), found };
      return found;
    } finally {
      if (changes === this.changes) this.look = undefined;
    }
  }

  async #lookAtAll() {
    const { LoadBalancers = [] } = await this.client.send(new DescribeLoadBalancersCommand({}));
    const found = [];
    for (const { LoadBalancerArn } of LoadBalancers) {
      const page = await this.client.send(new DescribeListenersCommand({ LoadBalancerArn }));
      for (const { Port, DefaultActions = [] } of page.Listeners ?? []) {
        const forward = DefaultActions.find(({ Type }) => Type === 'forward')?.ForwardConfig;
        const groups = (forward?.TargetGroups ?? []).map(({ TargetGroupArn, Weight }) => ({
          arn: TargetGroupArn,
          weight: Number(Weight ?? 1),
        }));
        found.push({ port: Number(Port), groups });
      }
    }
    return found;
  }

  /** "Target health status": what is said of each target of a group. */
  health(arn) {
    const targets = this.targets.get(arn) ?? new Map();
    for (const [key, one] of targets)
      if (one.until !== undefined && Date.now() > one.until) targets.delete(key);
    return [...targets.values()];
  }

  /** CreateListener: "DuplicateListener: A listener with the specified port already exists." */
  async #createListener({ params }, forward) {
    const port = params.get('Port');
    if ((await this.#lookAtAll()).some((one) => one.port === Number(port)))
      throw { code: 'DuplicateListener', message: `A listener already exists on port ${port}.` };
    return this.#changed(await forward());
  }

  #inTurn(work) {
    const result = this.turn.then(work, work);
    this.turn = result.catch(() => {});
    return result;
  }

  #changed(answer) {
    this.freshness = undefined;
    this.look = undefined;
    this.changes += 1;
    return answer;
  }

  async #register({ params }, forward) {
    const answer = await forward();
    if (answer.status !== 200) return answer;
    const arn = params.get('TargetGroupArn');
    const targets = this.targets.get(arn) ?? new Map();
    this.targets.set(arn, targets);
    for (const { id, port } of targetsIn(params)) {
      const known = targets.get(`${id}:${port}`);
      if (known !== undefined && known.state !== 'draining') continue;
      targets.set(`${id}:${port}`, { id, port, state: 'initial', goes: 0 });
    }
    return answer;
  }

  /**
   * "Deregistration delay": the status stays `draining` until the delay is over, whatever is in flight. moto knows targets
   * by their id alone, and forgets the others of one address.
   */
  #deregister({ params }) {
    const arn = params.get('TargetGroupArn');
    for (const { id, port } of targetsIn(params)) {
      const one = this.targets.get(arn)?.get(`${id}:${port}`);
      if (one === undefined) throw { code: 'InvalidTarget', message: `${id}:${port} is not registered.` };
      if (one.state === 'draining') continue;
      one.state = 'draining';
      one.until = Date.now() + (this.delays.get(arn) ?? usualDelay) * 1_000;
    }
    return {
      body: '<DeregisterTargetsResponse><DeregisterTargetsResult/></DeregisterTargetsResponse>',
    };
  }

  async #attributes({ params }, forward) {
    const at = [...params].find(([, value]) => value === 'deregistration_delay.timeout_seconds')?.[0];
    if (at !== undefined)
      this.delays.set(params.get('TargetGroupArn'), Number(params.get(at.replace(/Key$/, 'Value'))));
    return forward();
  }

  /** Asks all targets of groups that a rule names, over and over: as "Health checks for target groups" says. */
  async #check() {
    while (!this.ended.signal.aborted) {
      try {
        const used = new Set((await this.listeners()).flatMap(({ groups }) => groups.map(({ arn }) => arn)));
        const asked = [...used].filter((arn) => (this.targets.get(arn)?.size ?? 0) > 0);
        const { TargetGroups = [] } =
          asked.length === 0
            ? {}
            : await this.client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: asked }));
        await Promise.all(
          TargetGroups.flatMap((group) =>
            this.health(group.TargetGroupArn).map((target) => this.#checkOne(group, target)),
          ),
        );
      } catch (error) {
        if (!this.ended.signal.aborted) console.error('rig health checks:', error);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async #checkOne({ HealthCheckPath, HealthyThresholdCount, UnhealthyThresholdCount }, target) {
    const well = await isWell(this.addressOf(target.id), target.port, HealthCheckPath);
    if (target.state === 'draining') return;
    const word = well ? 'healthy' : 'unhealthy';
    target.goes = word === target.state ? 0 : target.last === word ? target.goes + 1 : 1;
    target.last = word;
    // "After your target is registered, it must pass one health check to be considered healthy."
    const needed =
      target.state === 'initial' && well ? 1 : Number(well ? HealthyThresholdCount : UnhealthyThresholdCount);
    if (word !== target.state && target.goes >= needed) target.state = word;
  }
}

function isWell(host, port, path) {
  if (host === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const asked = request({ host, port, path, agent: false, timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve((answer.statusCode ?? 0) >= 200 && (answer.statusCode ?? 0) < 300);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function targetsIn(params) {
  return [...params]
    .filter(([name]) => /^Targets\.member\.\d+\.Id$/.test(name))
    .map(([name, id]) => ({ id, port: Number(params.get(name.replace(/Id$/, 'Port'))) }));
}

const healthXml = (targets) =>
  `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${targets
    .map(
      ({ id, port, state }) =>
        `<member><HealthCheckPort>${port}</HealthCheckPort><TargetHealth><State>${state}</State></TargetHealth><Target><Id>${id}</Id><Port>${port}</Port></Target></member>`,
    )
    .join('')}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`;
