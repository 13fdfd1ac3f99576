import { backendOf } from './haproxy.ts';

interface Section {
  kind: string;
  name: string;
  lines: string[];
}

/** The sections of a configuration, each with the lines of the `defaults` before it in front of its own. */
function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  let defaults: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .replace(/\s+/g, ' ');
    const [, kind, name = ''] = /^(global|defaults|frontend|backend|listen)(?: (\S+))?/.exec(line) ?? [];
    if (kind !== undefined) {
      if (kind === 'defaults') defaults = [];
      sections.push({ kind, name, lines: kind === 'global' || kind === 'defaults' ? [] : [...defaults] });
    } else if (line !== '') {
      const section = sections.at(-1);
      section?.lines.push(line);
      if (section?.kind === 'defaults') defaults.push(line);
    }
  }
  return sections;
}

/** What a slot's backend needs, and what comes of its absence. */
const ofBackends: [line: string, otherwise: string][] = [
  ['load-server-state-from-file local', 'a reload forgets who serves'],
  ['server-state-file-name use-backend-name', 'a reload forgets who serves'],
  ['option http-server-close', 'a member that closes a kept connection at the wrong moment costs a request'],
  ['option redispatch 1', 'a member that dies costs the requests that were to reach it'],
  ['option allbackups', 'one member alone stands by when the new release dies'],
];
const ofFrontends: [line: string, otherwise: string][] = [
  ['option idle-close-on-response', 'each reload costs some clients a request'],
];

/** What is missing in a configuration for these slots: a sentence for each, with the line to add. */
export function missingDirectives(text: string, stateDir: string, slots: readonly string[]): string[] {
  const sections = sectionsOf(text);
  const missing: string[] = [];
  const global = sections.filter(({ kind }) => kind === 'global').flatMap(({ lines }) => lines);
  if (!global.some((line) => line.replace(/\/$/, '') === `server-state-base ${stateDir}`))
    missing.push(`\`global\` needs \`server-state-base ${stateDir}\`: a reload forgets who serves.`);
  if (!global.some((line) => line.startsWith('stats socket ') && line.includes('expose-fd listeners')))
    missing.push('`stats socket` needs `expose-fd listeners`: a reload closes the front doors for a moment.');
  for (const slot of slots) {
    const backend = backendOf(slot);
    const own = sections.find(({ kind, name }) => ['backend', 'listen'].includes(kind) && name === backend);
    if (own === undefined) continue; // HAProxy itself was asked for it.
    const fronts = sections.filter(
      ({ kind, lines }) => kind === 'frontend' && lines.some((line) => line.split(' ').includes(backend)),
    );
    if (fronts.length === 0 && own.kind === 'backend')
      missing.push(
        `No frontend has \`default_backend ${backend}\` or a \`use_backend\` of it: nobody reaches it.`,
      );
    missing.push(...lacking(own, ofBackends));
    for (const front of own.kind === 'listen' ? [own] : fronts) missing.push(...lacking(front, ofFrontends));
  }
  return [...new Set(missing)];
}

const lacking = ({ kind, name, lines }: Section, wanted: typeof ofBackends): string[] =>
  wanted
    .filter(([line]) => !lines.some((one) => one === line || one.startsWith(`${line} `)))
    .map(([line, otherwise]) => `\`${kind} ${name}\` (or its defaults) needs \`${line}\`: ${otherwise}.`);
