import type { Millis } from '../../pipeline/domain/time.ts';
import type { LaunchOrder } from '../../pipeline/provider.ts';
import { runProgram, settingsProgram } from './start-program.ts';
import { type SeedFile, userData } from './user-data.ts';

/** A secret that the instance reads itself. */
export interface SecretToRead {
  name: string;
  reference: string;
  /** As a file, whose path is in `NAME_FILE`. */
  file: boolean;
}

export interface Starting {
  order: Pick<LaunchOrder, 'spec' | 'mark'>;
  /** Values without secrets. */
  variables: Record<string, string>;
  secrets: SecretToRead[];
  /** Python that defines `read(reference)`: how a secret is read at this cloud. */
  reader: string;
}

/** How the lines of a service are known among all that a machine writes to its console. */
export const identifier = 'bakery-service';
/** The line by which a machine tells that the service started. */
export const startedLine = 'bakery: the service started';
/** What stands in front of a line by which a machine tells that the service ended. */
export const endedLine = 'bakery: the service ended';

const lib = '/usr/local/lib/bakery';

/** What an instance is told: it starts the service of its image with these settings, and again whenever it ends. */
export function startingUserData({ order: { spec, mark }, variables, secrets, reader }: Starting): Buffer {
  const launch = { start: spec.start, variables, secrets };
  const files: SeedFile[] = [
    { path: '/etc/bakery/launch.json', mode: '0644', content: JSON.stringify(launch) },
    { path: `${lib}/settings.py`, mode: '0600', content: `${reader}\n${settingsProgram}` },
    { path: `${lib}/run.py`, mode: '0644', content: runProgram },
    { path: '/etc/systemd/system/bakery-service.service', mode: '0644', content: unitOf(spec, mark) },
  ];
  return userData(files, [
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', 'bakery-service.service'],
    ['systemctl', 'start', '--no-block', 'bakery-service.service'],
  ]);
}

const seconds = (time: Millis): string => `${Math.max(0.1, time / 1_000)}s`;

/** The unit (systemd.service(5), systemd.exec(5)). Account and folder come from the image, as a drop-in. */
const unitOf = (
  { grace, writable = [] }: LaunchOrder['spec'],
  { service, version, environment }: LaunchOrder['mark'],
): string =>
  [
    '[Unit]',
    `Description=${service} v${version} in ${environment}`,
    'After=network-online.target',
    'Wants=network-online.target',
    'StartLimitIntervalSec=0',
    '[Service]',
    `ExecStartPre=+/usr/bin/python3 ${lib}/settings.py`,
    // Absent while the line above runs: it is read anew before each of them.
    'EnvironmentFile=-/run/bakery/environment',
    `ExecStart=/usr/bin/python3 ${lib}/run.py`,
    `ExecStartPost=+/bin/sh -c 'echo "${startedLine}"'`,
    `ExecStopPost=+/bin/sh -c 'echo "${endedLine} ($SERVICE_RESULT, $EXIT_CODE $EXIT_STATUS)"'`,
    `SyslogIdentifier=${identifier}`,
    'StandardOutput=journal+console',
    'StandardError=journal+console',
    'Restart=always',
    'RestartSec=1',
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
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
