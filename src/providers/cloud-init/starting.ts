import type { LaunchOrder } from '../../pipeline/provider.ts';
import { runProgram, settingsProgram } from './start-program.ts';
import { lib, serviceUnit } from './units.ts';
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

/** What an instance is told: it starts the service of its image with these settings, and again whenever it ends. */
export function startingUserData(starting: Starting): Buffer {
  return startsUnit([...seedFiles(starting), unitFile('bakery-service', serviceUnit(starting.order))], {
    starts: 'bakery-service.service',
  });
}

/** The settings of what is started, and what puts them in place. */
export const seedFiles = ({ order: { spec }, variables, secrets, reader }: Starting): SeedFile[] => [
  {
    path: '/etc/bakery/launch.json',
    mode: '0644',
    content: JSON.stringify({ start: spec.start, variables, secrets }),
  },
  { path: `${lib}/settings.py`, mode: '0600', content: `${reader}\n${settingsProgram}` },
  { path: `${lib}/run.py`, mode: '0644', content: runProgram },
];

export const unitFile = (name: string, content: string): SeedFile => ({
  path: `/etc/systemd/system/${name}.service`,
  mode: '0644',
  content,
});

/** User data that writes these files and starts one unit of them, now and whenever the machine starts. */
export const startsUnit = (files: SeedFile[], { starts }: { starts: string }): Buffer =>
  userData(files, [
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', starts],
    ['systemctl', 'start', '--no-block', starts],
  ]);
