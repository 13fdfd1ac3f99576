import type { LedgerFile } from '../../src/ledger/database.ts';
import { tableRows } from '../../src/ledger/rows.ts';
import { events, groups } from '../../src/ledger/schema.ts';
import { upcast } from '../../src/ledger/upcast.ts';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import type { Answer, GroupWish } from '../../src/pipeline/domain/command.ts';
import type { Deployment } from '../../src/pipeline/domain/deployment.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import type { GroupPolicy, GroupRelease, GroupRun } from '../../src/pipeline/domain/group.ts';
import { whatOf } from '../../src/pipeline/domain/group-what.ts';
import type { EnvironmentPolicy, ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { Verified } from '../../src/pipeline/domain/verified.ts';
import { CoreWorld, commitNamed } from './core-world.ts';
import { ada, environment, policy } from './policies.ts';

export const shopServices = ['worker', 'api', 'web'] as const;

export const shop: GroupPolicy = {
  group: 'shop',
  services: [...shopServices],
  environments: ['production'],
  soak: 0,
  channel: '#shop',
  repository: 'https://git.example.test/shop.git',
  branch: 'main',
};

/** One service of the group. */
export const ofShop = (service: string, port: number, more: Partial<ServicePolicy> = {}): ServicePolicy =>
  policy({
    service,
    repository: shop.repository,
    environments: [
      environment('dev', port),
      environment('production', port + 1, {
        promotion: 'approval',
        approvals: 1,
        steps: [100],
        soak: 5_000,
        retireAfter: 3_600_000,
        production: true,
      } satisfies Partial<EnvironmentPolicy>),
    ],
    ...more,
  });

/** The core with three services of one repository that go to production together. */
export class GroupWorld extends CoreWorld {
  readonly policies: Map<string, ServicePolicy>;
  readonly groups: Map<string, GroupPolicy>;

  constructor(
    more: { group?: Partial<GroupPolicy>; service?: Partial<ServicePolicy>; file?: LedgerFile } = {},
  ) {
    super(ofShop('worker', 4100, more.service), more.file);
    this.policies = new Map(
      shopServices.map((service, index) => [service, ofShop(service, 4100 + 10 * index, more.service)]),
    );
    this.groups = new Map([['shop', { ...shop, ...more.group }]]);
    Object.assign(this.parts, { policies: this.policies, groups: this.groups });
  }

  /** A commit that concerns these services, or all. */
  ship(name: string, services: readonly string[] = shopServices, by: Actor = ada): Promise<Answer> {
    const wishes = services.map((service): GroupWish => ({ service }));
    return this.wish(name, wishes, by);
  }

  wish(name: string, wishes: GroupWish[], by: Actor = ada, more: { hotfix?: string } = {}): Promise<Answer> {
    return this.do({ do: 'request group', service: 'shop', commit: commitNamed(name), wishes, by, ...more });
  }

  group(number: number): GroupRelease {
    const row = tableRows(this.file.db).group('shop', number);
    if (row === undefined) throw new Error(`there is no shop v${number}`);
    return row;
  }

  inPlace(number: number, where = 'production'): GroupRun | undefined {
    return this.group(number).runs[where];
  }

  of(service: string, where = 'production') {
    return tableRows(this.file.db).slot(service, where);
  }

  live(where = 'production'): Record<string, number | undefined> {
    return Object.fromEntries(
      shopServices.map((service) => [service, this.of(service, where)?.live?.version]),
    );
  }

  newestVersion(service: string): number {
    return (tableRows(this.file.db).service(service)?.nextVersion ?? 1) - 1;
  }

  /** The newest deployment of a service there. */
  newest(service: string, where = 'production'): Deployment {
    const count = this.of(service, where)?.deployments ?? 0;
    return this.deployment(`${service}.${where}.${count}`);
  }

  /** What a yes is for, as a card would show it. */
  what(number: number, where = 'production'): string {
    const { members, runs } = this.group(number);
    return whatOf(
      members.map(({ service }) => {
        const id = runs[where]?.seats[service]?.deployment;
        return { service, deployment: id === undefined ? undefined : this.deployment(id) };
      }),
    );
  }

  async approveAll(number: number, by: Actor = ada, more: Verified = {}): Promise<Answer> {
    const verified = { reachable: true, author: { is: 'person' as const, key: 'T1/UAUTHOR' }, ...more };
    return this.do({
      ...{ do: 'approve group', service: 'shop', version: number, environment: 'production', by },
      what: this.what(number),
      verified,
    });
  }

  /** A group's release that goes all the way. */
  async through(name: string, number: number, services?: readonly string[]): Promise<void> {
    await this.ship(name, services);
    await this.run(10_000);
    await this.approveAll(number);
    await this.run(60_000);
  }

  /** Every event of services and group so far, in order, without the trail. */
  story(): Event[] {
    return this.file.db
      .select()
      .from(events)
      .orderBy(events.seq)
      .all()
      .map(({ shape, body }) => upcast(shape, body))
      .filter(({ type }) => type !== 'CommandDecided');
  }

  /** All releases of the group so far. */
  allOfGroup(): GroupRelease[] {
    return this.file.db
      .select()
      .from(groups)
      .all()
      .map(({ row }) => row);
  }

  /** The services in the order in which their traffic moved to a new version, by kind of deployment. */
  moved(kind: Deployment['kind'] = 'release', where = 'production'): string[] {
    return this.eventsOf('WentLive').flatMap((event) =>
      event.type === 'WentLive' && event.kind === kind && event.environment === where
        ? [`${event.service} v${event.version}`]
        : [],
    );
  }
}

/** All of it is ready in a moment, and people are asked. */
export async function asked(world: GroupWorld, name = 'one'): Promise<void> {
  await world.ship(name);
  await world.run(10_000);
}
