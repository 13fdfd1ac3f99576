import { request as ask, createServer, type Server } from 'node:http';
import { z } from 'zod';
import { type Database, listener, member, type Octavia, type PoolMember } from './octavia-api.ts';

/** What Octavia's interface says of a port: its listener, and the members of that's pool. */
export interface Behind {
  listener: string;
  members: PoolMember[];
}

const healthy = new Set(['ONLINE', 'DRAINING']);

/**
 * The front door of one port, as an amphora's HAProxy is: weighted round robin over healthy members, and spares when
 * none of them is.
 */
export class FrontDoor {
  readonly #look: () => Promise<Behind | undefined>;
  readonly #sql: Database;
  readonly #turns = new Map<string, number>();
  #active = 0;
  server: Server | undefined;

  constructor(sql: Database, look: () => Promise<Behind | undefined>) {
    this.#sql = sql;
    this.#look = look;
  }

  listen(port: number): Promise<void> {
    this.server = createServer(async (request, response) => {
      const found = await this.#look();
      const chosen = found && this.#choose(found.members);
      if (!found || !chosen) return void response.writeHead(503).end();
      this.#count(found.listener, 1);
      const { address: host, protocol_port } = chosen;
      const passed = ask({ host, port: protocol_port, path: request.url, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.writeHead(502).end());
      response.on('close', () => this.#count(found.listener, -1));
      request.pipe(passed);
    });
    return new Promise((resolve) => this.server?.listen(port, '127.0.0.1', resolve));
  }

  /** Smooth weighted round robin: each member's turn grows by its weight, the largest is taken and pays the sum. */
  #choose(members: PoolMember[]): PoolMember | undefined {
    // What was healthy with weight 0 stands as DRAINING until it is checked again; HAProxy sends to it with its weight.
    const well = members.filter(({ operating_status: status }) => healthy.has(status));
    const active = well.filter(({ backup, weight }) => !backup && weight > 0);
    const usable = active.length > 0 ? active : well.filter(({ backup }) => backup);
    let best: PoolMember | undefined;
    for (const one of usable) {
      this.#turns.set(one.id, (this.#turns.get(one.id) ?? 0) + one.weight);
      if (best === undefined || this.#turn(one) > this.#turn(best)) best = one;
    }
    const sum = usable.reduce((total, { weight }) => total + weight, 0);
    if (best !== undefined) this.#turns.set(best.id, this.#turn(best) - sum);
    return best;
  }

  #turn({ id }: PoolMember): number {
    return this.#turns.get(id) ?? 0;
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** As the health manager writes what amphorae count. */
  #count(id: string, more: number): void {
    this.#active += more;
    const values = `'${id}', '${id}', 0, 0, ${this.#active}, 0, 0`;
    this.#sql.write(
      `REPLACE INTO listener_statistics (listener_id, amphora_id, bytes_in, bytes_out, active_connections, total_connections, request_errors) VALUES (${values})`,
    );
  }
}

/** What is behind a port of a load balancer, by Octavia's interface; undefined when it has no listener there. */
export async function behind(api: Octavia, balancer: string, port: number): Promise<Behind | undefined> {
  const path = `/listeners?loadbalancer_id=${balancer}&protocol_port=${port}`;
  const [found] = z.object({ listeners: z.array(listener) }).parse(await api(path)).listeners;
  if (found?.default_pool_id == null) return undefined;
  return { listener: found.id, members: await membersOf(api, found.default_pool_id) };
}

export async function membersOf(api: Octavia, pool: string): Promise<PoolMember[]> {
  const answer = await api(`/pools/${pool}/members`);
  return z.object({ members: z.array(member).default([]) }).parse(answer).members;
}
