import { createServer, request } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/**
 * The load balancer's own port of each listener: passes requests on by what its interface says of weights, targets and
 * their health, and knows nothing of Bakery. ("Target groups for your Application Load Balancers", "Rule action types".)
 * Of a Network Load Balancer it passes connections on, which stay with their target whatever becomes of weights: "Update
 * a listener for your Network Load Balancer".
 */
export class FrontDoors {
  /** `elb` tells listeners and health; `addressOf(id)` is where a target is; `certificates` what is shown over TLS. */
  constructor(elb, addressOf, certificates) {
    this.elb = elb;
    this.addressOf = addressOf;
    this.certificates = certificates;
    this.doors = new Map();
    this.turns = new Map();
    this.sockets = new Set();
  }

  get rules() {
    return { 'elb:CreateListener': (asked, _forward, inner) => this.#open(asked, inner) };
  }

  async close() {
    for (const server of this.doors.values()) {
      server.close();
      server.closeAllConnections?.();
    }
    for (const socket of this.sockets) socket.destroy();
  }

  async #open({ params }, inner) {
    const port = Number(params.get('Port'));
    const shown = this.certificates.of(params.get('Certificates.member.1.CertificateArn'));
    // CreateListener, "Errors".
    if (isSafe(params) && shown === undefined)
      throw { code: 'CertificateNotFound', message: 'The specified certificate does not exist.' };
    const answer = await inner();
    if (answer.status === 200 && !this.doors.has(port)) {
      const server = this.#door(params.get('Protocol'), port, shown);
      await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
      this.doors.set(port, server);
    }
    return answer;
  }

  /** TLS ends at the load balancer: targets are spoken to in the clear, as their groups say. */
  #door(protocol, port, shown) {
    const connection = (socket) => this.#passConnection(port, socket);
    const ask = (asked, response) => this.#pass(port, asked, response);
    switch (protocol) {
      case 'TCP':
        return createTcpServer(connection);
      case 'TLS':
        return createTlsServer(shown, connection);
      case 'HTTPS':
        return createHttpsServer(shown, ask);
      default:
        return createServer(ask);
    }
  }

  async #pass(port, asked, response) {
    const target = await this.#choose(port).catch((error) => console.error('rig front door:', error));
    // "HTTP 503: Service unavailable": no registered target.
    if (target === undefined) return response.writeHead(503).end();
    const { method, url, headers } = asked;
    const passed = request(
      { host: this.addressOf(target.id), port: target.port, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => passed.destroy());
    asked.pipe(passed);
  }

  async #passConnection(port, socket) {
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
    const target = await this.#choose(port).catch((error) => console.error('rig front door:', error));
    if (target === undefined) return socket.destroy();
    const passed = connect(target.port, this.addressOf(target.id));
    passed.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => passed.destroy());
    socket.pipe(passed).pipe(socket);
  }

  /** A group by its weight, then its healthy targets in turn: a group of unhealthy ones alone gets its share all the same. */
  async #choose(port) {
    const groups = (await this.elb.listeners()).find((one) => one.port === port)?.groups ?? [];
    const group = this.#turn(
      `${port}`,
      groups.filter(({ weight }) => weight > 0),
    );
    if (group === undefined) return undefined;
    const there = this.elb.health(group.arn).filter(({ state }) => state !== 'draining');
    const well = there.filter(({ state }) => state === 'healthy');
    return this.#turn(
      `${port} ${group.arn}`,
      (well.length > 0 ? well : there).map((one) => ({ ...one, weight: 1, arn: `${one.id}:${one.port}` })),
    );
  }

  /** Smooth weighted round robin: each one's turn grows by its weight, the largest is taken and pays the sum. */
  #turn(place, all) {
    const turns = this.turns.get(place) ?? new Map();
    this.turns.set(place, turns);
    let best;
    for (const one of all) {
      turns.set(one.arn, (turns.get(one.arn) ?? 0) + one.weight);
      if (best === undefined || turns.get(one.arn) > turns.get(best.arn)) best = one;
    }
    if (best !== undefined)
      turns.set(best.arn, turns.get(best.arn) - all.reduce((sum, { weight }) => sum + weight, 0));
    return best;
  }
}

const isSafe = (params) => ['TLS', 'HTTPS'].includes(params.get('Protocol'));
