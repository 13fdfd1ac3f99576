import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Config } from '../config/config.ts';
import { type Finding, well, wrong } from './finding.ts';

/** A disk with less than this is nearly full. */
const least = 1024 ** 3;

/** The folders that Bakery writes: there, writable by who asks, closed to others where the ledger is, and with room. */
export async function lookAtFolders({ data, store, worker }: Config): Promise<Finding[]> {
  if (!existsSync(data))
    return [
      wrong(
        `The data directory ${data} is not there.`,
        'The ledger lies in it: without it Bakery knows of no release.',
        'If Bakery has never run here, start it. If it has, mount its disk or put a backup back: bakery restore.',
      ),
    ];
  return [...(await lookAtAll([data, store, worker.scratch])), ...lookAtMode(data)];
}

/** Those of a machine that has a worker alone: the ledger is elsewhere. */
export async function lookAtWorkersFolders({ store, worker }: Config): Promise<Finding[]> {
  const missing = existsSync(store)
    ? []
    : [
        wrong(
          `The store ${store} is not there.`,
          'Packages and images come from it: the bot and every worker have to see the same one.',
          'Mount it at this place, or correct `store` in bot.yaml.',
        ),
      ];
  return [...missing, ...(await lookAtAll([store, worker.scratch]))];
}

async function lookAtAll(all: string[]): Promise<Finding[]> {
  const folders = [...new Set(all)].filter((folder) => existsSync(folder));
  const rights = folders.map(lookAtRights).filter((finding) => finding !== undefined);
  return [...rights, ...(await Promise.all(folders.map(lookAtRoom)))];
}

function lookAtRights(folder: string): Finding | undefined {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    return wrong(
      `${userInfo().username} cannot write ${folder}, which belongs to the account with number ${statSync(folder).uid}.`,
      'Bakery keeps the ledger, packages and logs there; started like this it ends at once.',
      'Run bakery doctor as the account that runs Bakery; if you did, give the folder to it: chown -R.',
    );
  }
}

function lookAtMode(data: string): Finding[] {
  const { mode, uid } = statSync(data);
  const mine = process.getuid?.() ?? uid;
  const whose = uid === mine ? [] : [ofAnother(data, uid)];
  if ((mode & 0o007) === 0) return [...whose, well(`${data} is closed to other accounts.`)];
  return [
    ...whose,
    wrong(
      `${data} is open to every account of this machine.`,
      "The ledger names people and what they said, and the control socket beside it takes operators' commands.",
      `chmod o-rwx ${data}`,
    ),
  ];
}

const ofAnother = (data: string, uid: number): Finding =>
  wrong(
    `${data} belongs to the account with number ${uid}, and you are ${userInfo().username}.`,
    'Files that this account makes there could not be written by the one that runs Bakery.',
    `Run bakery doctor, and all else, as that account: sudo -u '#${uid}' …`,
  );

async function lookAtRoom(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const said = `${(free / 1024 ** 3).toFixed(1)} GiB`;
  if (free >= least) return well(`${folder} has ${said} free.`);
  return wrong(
    `The disk of ${folder} has only ${said} free.`,
    'On a full disk nothing is written: every command and every bake is refused until there is room.',
    'Make room or give it a larger disk; `keep` in services/*.yaml says how many images stay.',
  );
}
