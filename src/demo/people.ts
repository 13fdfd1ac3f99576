import type { Channel, Person } from '../slack-simulator/index.ts';

/** The demo's workspace, as the simulator makes it. */
export const team = 'T0BAKERY01';

export const ada: Person = {
  id: 'U0ADA00001',
  name: 'ada',
  realName: 'Ada Byron',
  email: 'ada@example.test',
};
export const ben: Person = { id: 'U0BEN00001', name: 'ben', realName: 'Ben Okri', email: 'ben@example.test' };
export const eve: Person = {
  id: 'U0EVE00001',
  name: 'eve',
  realName: 'Eve Adams',
  email: 'eve@example.test',
};

export const people: Person[] = [ada, ben, eve];

export const deploys: Channel = { id: 'C0DEPLOYS1', name: 'deploys', topic: 'Releases of hello' };
export const channels: Channel[] = [deploys, { id: 'C0GENERAL1', name: 'general', topic: 'Everything else' }];
