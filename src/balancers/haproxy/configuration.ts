import { backendOf, pathsFile } from './haproxy.ts';

/** A slot as HAProxy has to declare it. */
export interface DeclaredSlot {
  slot: string;
  /** The port of its front door. */
  port: number;
  /** Instances that may stand in it at once: those of two releases, and some that are just leaving. */
  places: number;
}

export interface ConfigurationOptions {
  socket: string;
  stateDir: string;
  /** Where front doors listen. */
  host: string;
  slots: readonly DeclaredSlot[];
}

/** How many places a slot needs for this many instances of a release. */
export const placesFor = (count: number): number => Math.max(8, 4 * count);

/** A whole configuration for HAProxy 2.6 and newer, started with `-W` (master-worker) and `-S` (the master's socket). */
export const haproxyConfiguration = (options: ConfigurationOptions): string =>
  [globalPart(options), ...options.slots.map((slot) => slotPart(slot, options))].join('\n');

const globalPart = ({ socket, stateDir }: ConfigurationOptions): string => `\
global
    master-worker
    log stdout format raw local0
    # Bakery speaks to HAProxy here. Who may open it may change everything: give it a group of its own.
    stats socket ${socket} mode 660 level admin expose-fd listeners
    # Bakery writes what HAProxy takes up again after a reload or a restart, also while Bakery is away.
    server-state-base ${stateDir}
    # A process that a reload left behind ends at the latest then, whatever its WebSockets do.
    hard-stop-after 1h

defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    # A member that is busy for a moment is not taken out: it has answered late, not never.
    timeout check 3s
    timeout client 1m
    timeout server 1m
    timeout queue 10s
    timeout tunnel 1h
    timeout http-keep-alive 10s
    # A reload closes a kept connection only after it said so in an answer: without it each reload costs requests.
    option idle-close-on-response
    # No kept connections to members: one that closes such a connection at the wrong moment costs a request.
    option http-server-close
    # A member that cannot be reached costs no request: another one is tried.
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
    load-server-state-from-file local
    server-state-file-name use-backend-name
`;

const slotPart = ({ slot, port, places }: DeclaredSlot, { host, stateDir }: ConfigurationOptions): string => {
  const backend = backendOf(slot);
  return `\
frontend ${slot}
    bind ${host}:${port}
    # Bakery's own requests, by which it measures a cut-over, are told from users' by this field of the log.
    http-request capture req.hdr(x-bakery-probe) len 64
    default_backend ${backend}

backend ${backend}
    balance roundrobin
    option allbackups
    # Only what may be done twice is tried again once a member had got it.
    http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }
    option httpchk
    http-check send meth GET uri-lf %[srv_name,map(${pathsFile(stateDir, slot)},/)] ver HTTP/1.1 hdr Host ${slot}
    http-check expect status 200-399
    # A new member waits for two checks before it gets traffic: a rollback is as quick as they are.
    default-server check inter 200ms fastinter 10ms downinter 25ms rise 2 fall 3
    # An instance takes one of each: the spare serves while it has no weight and nobody who has is healthy.
    server-template member 1-${places} 127.0.0.1:1 weight 0 disabled
    server-template spare 1-${places} 127.0.0.1:1 weight 1 backup disabled
`;
};
