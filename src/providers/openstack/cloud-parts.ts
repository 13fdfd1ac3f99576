import { CommandReports, type ReportStore } from '../cloud-init/command-reports.ts';
import { Compute } from './compute.ts';
import { FloatingAddresses } from './floating.ts';
import { Images } from './images.ts';
import { Members } from './members.ts';
import { Names } from './names.ts';
import { Ports } from './ports.ts';
import { Quotas } from './quotas.ts';
import { Servers } from './servers.ts';
import type { Session } from './session.ts';
import type { OpenStackSettings } from './settings.ts';
import { Swift } from './swift.ts';

const effectTime = 2_000;

/** What the provider asks of one cloud. */
export interface Cloud {
  settings: OpenStackSettings & { name: string };
  servers: Servers;
  images: Images;
  names: Names;
  swift: Swift;
  /** What servers tell of commands, in the object store. */
  reports: CommandReports;
  ports: Ports;
  floating: FloatingAddresses;
  members: Members;
  quotas: Quotas;
}

export function cloudOf(name: string, session: Session, settings: OpenStackSettings): Cloud {
  const compute = new Compute(session);
  const swift = new Swift(session, settings.container, settings.now);
  return {
    settings: { ...settings, name },
    servers: new Servers(compute),
    images: new Images(session),
    names: new Names(session, compute),
    swift,
    reports: new CommandReports(reportStoreOf(swift)),
    ports: new Ports(session, settings.now),
    floating: new FloatingAddresses(session),
    members: new Members(session, name),
    quotas: new Quotas(session, compute),
  };
}

const reportStoreOf = (swift: Swift): ReportStore => ({
  read: (name, { signal }) => swift.read(name, signal),
  address: (method, name, lasts, { signal }) => swift.address(method, name, lasts, signal),
  list: (prefix, { signal }) => swift.list(prefix, signal),
  async remove(name, call) {
    call.ensureTime(effectTime);
    await swift.remove(name, call.signal);
  },
});
