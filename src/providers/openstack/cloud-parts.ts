import { Compute } from './compute.ts';
import { FloatingAddresses } from './floating.ts';
import { Images } from './images.ts';
import { Names } from './names.ts';
import { Ports } from './ports.ts';
import { Quotas } from './quotas.ts';
import { Servers } from './servers.ts';
import type { Session } from './session.ts';
import type { OpenStackSettings } from './settings.ts';
import { Swift } from './swift.ts';

/** What the provider asks of one cloud. */
export interface Cloud {
  settings: OpenStackSettings & { name: string };
  servers: Servers;
  images: Images;
  names: Names;
  swift: Swift;
  ports: Ports;
  floating: FloatingAddresses;
  quotas: Quotas;
}

export function cloudOf(name: string, session: Session, settings: OpenStackSettings): Cloud {
  const compute = new Compute(session);
  return {
    settings: { ...settings, name },
    servers: new Servers(compute),
    images: new Images(session),
    names: new Names(session, compute),
    swift: new Swift(session, settings.container, settings.now),
    ports: new Ports(session),
    floating: new FloatingAddresses(session),
    quotas: new Quotas(session, compute),
  };
}
