import type { Millis } from '../../pipeline/domain/time.ts';
import type { LaunchOrder } from '../../pipeline/provider.ts';

/** How the lines of a service are known among all that a machine writes to its console. */
export const identifier = 'bakery-service';
/** The line by which a machine tells that the service started. */
export const startedLine = 'bakery: the service started';
/** What stands in front of a line by which a machine tells that the service ended. */
export const endedLine = 'bakery: the service ended';

/** Where Bakery's own programs are on a machine. */
export const lib = '/usr/local/lib/bakery';
const python = '/usr/bin/python3';

type Of = Pick<LaunchOrder, 'spec' | 'mark'>;

const seconds = (time: Millis): string => `${Math.max(0.1, time / 1_000)}s`;

const unit = (parts: string[]): string => [...parts, ''].join('\n');

const about = ({ service, version, environment }: LaunchOrder['mark'], what = ''): string[] => [
  '[Unit]',
  `Description=${service} v${version} in ${environment}${what}`,
  'After=network-online.target',
  'Wants=network-online.target',
];

const onConsole = ['StandardOutput=journal+console', 'StandardError=journal+console'];
const atStart = ['[Install]', 'WantedBy=multi-user.target'];

/** How what comes from the image runs, whatever it is for. Account and folder come from the image, as a drop-in. */
const confined = ({ grace, writable = [] }: LaunchOrder['spec']): string[] => [
  `ExecStart=${python} ${lib}/run.py`,
  `SyslogIdentifier=${identifier}`,
  'KillMode=mixed',
  `TimeoutStopSec=${seconds(grace)}`,
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  ...writable.map(({ path, memory }) =>
    memory === undefined
      ? `ReadWritePaths=${path}`
      : `TemporaryFileSystem=${path}:rw,mode=1777,size=${memory}`,
  ),
];

/** The unit of a service (systemd.service(5), systemd.exec(5)): started again whenever it ends. */
export const serviceUnit = ({ spec, mark }: Of): string =>
  unit([
    ...about(mark),
    'StartLimitIntervalSec=0',
    '[Service]',
    `ExecStartPre=+${python} ${lib}/settings.py`,
    // Absent while the line above runs: it is read anew before each of them.
    'EnvironmentFile=-/run/bakery/environment',
    `ExecStartPost=+/bin/sh -c 'echo "${startedLine}"'`,
    `ExecStopPost=+/bin/sh -c 'echo "${endedLine} ($SERVICE_RESULT, $EXIT_CODE $EXIT_STATUS)"'`,
    ...onConsole,
    'Restart=always',
    'RestartSec=1',
    ...confined(spec),
    ...atStart,
  ]);

/** The unit of a command: started once by `runnerUnit`, ended at its time, all of its output in the journal alone. */
export const commandUnit = ({ spec, mark }: Of): string =>
  unit([
    ...about(mark),
    '[Service]',
    'Type=oneshot',
    `TimeoutStartSec=${seconds(spec.health.within)}`,
    'EnvironmentFile=/run/bakery/environment',
    'StandardOutput=journal',
    'StandardError=journal',
    'LogRateLimitIntervalSec=0',
    ...confined(spec),
  ]);

/** The unit of what runs a command and tells how it ended. A start of the machine starts it again, and it then tells that. */
export const runnerUnit = ({ mark }: Of): string =>
  unit([
    ...about(mark, ', a command'),
    '[Service]',
    `ExecStart=${python} ${lib}/once.py`,
    `SyslogIdentifier=${identifier}`,
    ...onConsole,
    ...atStart,
  ]);
