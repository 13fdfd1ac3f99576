import type { Changes } from '../../pipeline/views.ts';
import { drawn, section } from './blocks.ts';
import { authors, commitsLines, imageLines } from './changes-part.ts';
import type { Drawn } from './drawn.ts';
import { escaped, oneLine, plural } from './format.ts';

/** What lies between two releases of a service. */
export function diffView(service: string, changes: Changes): Drawn {
  const { from, to, commits, takenBack } = changes;
  const name = `${oneLine(service, 60)} v${from} → v${to}`;
  const by = commits === undefined || commits.lines.length === 0 ? '' : ` by ${authors(commits)}`;
  const log =
    commits === undefined
      ? 'The commits could not be read from the repository just now.'
      : `*${plural(commits.total, 'commit')}*${by}\n${commitsLines(commits)}`;
  const image = imageLines(changes) ?? 'The contents of the two images could not be compared.';
  const summary = commits === undefined ? 'the commits could not be read' : plural(commits.total, 'commit');
  return drawn(`${escaped(service)} v${from} to v${to}: ${summary}.`, [
    section(`*${name}*\n${log}`),
    ...(takenBack === undefined
      ? []
      : [
          section(
            `↩️ *${plural(takenBack.total, 'commit')} of v${from} that v${to} does not have*\n${commitsLines(takenBack)}`,
          ),
        ]),
    section(`📦 ${image}`),
    ...(from > to
      ? [section('_The first version is the newer one: this is what going back would undo._')]
      : []),
  ]);
}
