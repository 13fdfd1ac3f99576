import { openForm } from '../forms.ts';
import { word } from './word.ts';

/** `/bake` alone: a dialog that asks for the service and the ref. */
export const release = word({
  name: 'release',
  usage: '/bake',
  says: 'opens a dialog for a new release',
  read: () => ({}),
  run: (bot, asked) => openForm(bot, asked, 'release-form'),
});
