import { plain } from '../interactions/elements.ts';
import type { Fields } from '../types.ts';
import { Dialog } from './dialog.tsx';
import { Drawn } from './drawn.tsx';

/** The question that some buttons ask before they do anything. */
export function Confirm({ dialog, onYes, onNo }: { dialog: Fields; onYes(): void; onNo(): void }) {
  return (
    <Dialog title={plain(dialog.title) || 'Are you sure?'} onClose={onNo} testId="confirm">
      <div className="dialog-text">
        <Drawn block={{ type: 'section', text: dialog.text }} />
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" data-testid="confirm-no" onClick={onNo}>
          {plain(dialog.deny) || 'Cancel'}
        </button>
        <button
          type="button"
          className={`button ${dialog.style === 'danger' ? 'danger' : 'primary'}`}
          data-testid="confirm-yes"
          onClick={onYes}
        >
          {plain(dialog.confirm) || 'Yes'}
        </button>
      </footer>
    </Dialog>
  );
}
