import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { ProviderError } from '../../pipeline/provider.ts';
import { missingDirectives } from './directives.ts';
import { backendOf, Haproxy, type HaproxyOptions, oldWorkers, pathsFile } from './haproxy.ts';
import { numbersOf } from './placed.ts';
import { askHaproxy } from './runtime-socket.ts';
import { parseInfo } from './view.ts';

/** A slot as the services' files want it. */
export interface CheckedSlot {
  slot: string;
  port: number;
  /** Instances of one release. */
  count: number;
}

/** What a HAProxy that runs lacks for these slots: a sentence for each, with what to do. None when all is well. */
export async function checkHaproxy(
  options: HaproxyOptions,
  slots: readonly CheckedSlot[],
  file?: string,
): Promise<string[]> {
  const haproxy = new Haproxy(options);
  let info: Map<string, string>;
  try {
    info = parseInfo(await haproxy.ask('show info'));
  } catch (error) {
    return [sentenceOf(error)];
  }
  const version = info.get('Version') ?? '';
  const findings = isOld(version)
    ? [`HAProxy ${version} is too old: 2.6 is the oldest that Bakery knows.`]
    : [];
  findings.push(...(await masterFindings(options)), ...(await folderFindings(options)));
  for (const slot of slots) findings.push(...(await slotFindings(haproxy, slot)));
  const text = await configuration(file, Number(info.get('Pid') ?? 0));
  if (text === undefined)
    findings.push('The configuration file was not found from here: name it with --file to have it read too.');
  else
    findings.push(
      ...missingDirectives(
        text,
        options.stateDir,
        slots.map(({ slot }) => slot),
      ),
    );
  return findings;
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 2 || (major === 2 && minor < 6);
};

async function masterFindings({ master }: HaproxyOptions): Promise<string[]> {
  if (master === undefined)
    return [
      '`master` is not set in bot.yaml: after a reload Bakery does not see the clients of the process that ends. Start HAProxy with `-W -S <path>` and name the path.',
    ];
  try {
    oldWorkers(await askHaproxy(master, 'show proc', 2000));
    return [];
  } catch (error) {
    return [sentenceOf(error)];
  }
}

/** Whether what has to be kept can be: a file, and a second name for it. */
async function folderFindings({ stateDir }: HaproxyOptions): Promise<string[]> {
  const folder = join(stateDir, 'bakery');
  const file = join(folder, `check-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, '');
    await link(file, `${file}-2`);
    return [];
  } catch (error) {
    return [
      `\`stateDir\` ${stateDir} cannot hold Bakery's files: ${sentenceOf(error)}. Let its user write there, on a disk with hard links.`,
    ];
  } finally {
    await Promise.all([rm(file, { force: true }), rm(`${file}-2`, { force: true })]).catch(() => undefined);
  }
}

async function slotFindings(haproxy: Haproxy, { slot, port, count }: CheckedSlot): Promise<string[]> {
  const findings: string[] = [];
  try {
    const view = await haproxy.view(slot);
    const places = numbersOf(view).length;
    const needed = 3 * count;
    if (places < needed)
      findings.push(
        `\`backend ${backendOf(slot)}\` has ${places} places and needs ${needed}: two releases of ${count} and one that is leaving. Add \`server-template member 1-${needed} …\` and \`server-template spare 1-${needed} … backup\`.`,
      );
    if (view.paths === undefined)
      findings.push(
        `\`backend ${backendOf(slot)}\` asks for health at one path whatever the service says. Use \`http-check send meth GET uri-lf %[srv_name,map(${pathsFile(haproxy.options.stateDir, slot)},/)]\`.`,
      );
  } catch (error) {
    findings.push(sentenceOf(error));
  }
  const host = haproxy.options.host ?? '127.0.0.1';
  if (!(await listens(host, port)))
    findings.push(
      `Nobody listens on ${host}:${port}, the front door of ${slot}. Add \`bind ${host}:${port}\`.`,
    );
  return findings;
}

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket
      .on('connect', () => end(true))
      .on('error', () => end(false))
      .on('timeout', () => end(false));
  });

/** The file that was named, or the one that the process itself was started with, where that can be seen. */
async function configuration(file: string | undefined, pid: number): Promise<string | undefined> {
  if (file !== undefined) {
    return readFile(file, 'utf8').catch((cause: unknown) => {
      throw new ProviderError('denied', `${file} cannot be read: ${sentenceOf(cause)}`, { cause });
    });
  }
  try {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    const named = words[words.indexOf('-f') + 1];
    return named === undefined ? undefined : await readFile(resolve(named), 'utf8');
  } catch {
    // Another machine, or not ours to see: the caller says so.
    return undefined;
  }
}
