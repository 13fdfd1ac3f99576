import type { Installation } from '../pipeline/domain/installation.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { FilesView } from '../pipeline/views.ts';
import type { Db } from './db.ts';
import { readTexts } from './texts.ts';

/** How the operators' files stand, with the words of what is wrong with newer ones. */
export function filesView(db: Db, { files }: Installation, now: At): FilesView {
  const refused = files?.refused;
  return {
    restart: files?.restart ?? [],
    now,
    ...(refused === undefined
      ? {}
      : {
          refused: {
            at: refused.at,
            problems: readTexts(db, [refused])[refused.problems] ?? '[erased]',
          },
        }),
  };
}
