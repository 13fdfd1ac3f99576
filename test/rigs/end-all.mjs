import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds that processes have to end by themselves. */
const grace = 5_000;

/**
 * Ends a process and all that it started, as /proc tells: by their parents; by the variable `mark` in their environment,
 * which those keep whose parent is gone; and by the temporary folders of all of these, which name what was started without
 * an environment. The rig's own folders, which are in the environment `rigs` that it gives, and those that this process
 * was started with or stands in, are none of theirs. By force what is still there after 5 s. Without `root`, when that has ended: what it left. Gives the command lines of what was there.
 */
export async function endAll({ root, mark, rigs }) {
  const found = startedBy(root, mark, rigs);
  const lines = new Map(found.map((pid) => [pid, read(pid, 'cmdline')]));
  signal(found, 'SIGTERM');
  const deadline = Date.now() + grace;
  while (found.some(isThere) && Date.now() < deadline) await pause(100);
  // Whoever died left children that had another parent before; and its number may be another's by now.
  const still = found.filter((pid) => isThere(pid) && read(pid, 'cmdline') === lines.get(pid));
  signal([...still, ...startedBy(undefined, mark, rigs)], 'SIGKILL');
  return [...lines.values()].map((line) => line.replaceAll('\0', ' ').trim()).filter(Boolean);
}

/** What those left who should have ended it: ended, and said. Throws nothing: the rig has to be stopped after it. */
export async function endLeft(who, { mark, rigs }) {
  try {
    const left = await endAll({ mark, rigs });
    if (left.length === 0) return;
    console.error(`${who} left this running; it was ended:`);
    for (const line of left) console.error(`  ${line.slice(0, 200)}`);
  } catch (error) {
    console.error(`What ${who} left running could not be looked for: ${error}`);
  }
}

function startedBy(root, mark, rigs) {
  const own = [...Object.values(process.env), ...process.argv, process.cwd()];
  const others = new Set(foldersIn([...Object.values(rigs), ...own].join('\0')));
  const [[name, value]] = Object.entries(mark);
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid);
  const marked = all.filter((pid) => read(pid, 'environ').split('\0').includes(`${name}=${value}`));
  const found = new Set([...(root === undefined ? [] : [root]), ...marked]);
  for (let known = 0; known < found.size; ) {
    known = found.size;
    const folders = new Set([...found].flatMap(foldersOf).filter((folder) => !others.has(folder)));
    for (const pid of all)
      if (found.has(parentOf(pid)) || foldersOf(pid).some((folder) => folders.has(folder))) found.add(pid);
  }
  return [...found];
}

/** Temporary folders that a process was started with: each is of one test alone, or of the rig. */
const foldersOf = (pid) => foldersIn(`${read(pid, 'cmdline')}\0${read(pid, 'environ')}`);

const foldersIn = (text) =>
  [...text.matchAll(/\/bakery-[a-z-]+-[A-Za-z0-9]{6}(?![A-Za-z0-9])/g)].map(([folder]) => folder);

const parentOf = (pid) => Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1]);

const isThere = (pid) => /^State:\s+[^ZX]/m.test(read(pid, 'status'));

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It is gone.
    }
  }
}
