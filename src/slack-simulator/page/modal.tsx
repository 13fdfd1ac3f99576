import { useState } from 'react';
import { plain } from '../interactions/elements.ts';
import type { View } from '../types.ts';
import { Blocks } from './blocks.tsx';
import { useDesk } from './desk.ts';
import { Dialog } from './dialog.tsx';
import type { Typed } from './typed.ts';

type Values = Readonly<Record<string, Readonly<Record<string, string | readonly string[] | null>>>>;

/** The modal in front, when there is one. */
export function Modal() {
  const { live, me } = useDesk();
  const view = live.views[me.id]?.modals.at(-1);
  return view === undefined ? null : <OpenModal key={view.id} view={view} />;
}

function OpenModal({ view }: { view: View }) {
  const { act } = useDesk();
  const [values, setValues] = useState<Values>({});
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const typed: Typed = {
    get: (blockId, actionId) => values[blockId]?.[actionId],
    set: (blockId, actionId, value) =>
      setValues((old) => ({ ...old, [blockId]: { ...old[blockId], [actionId]: value } })),
  };
  const submit = async () => {
    setBusy(true);
    setTrouble(undefined);
    const here = new Set(view.blocks.map((block) => block.block_id));
    const known = Object.fromEntries(Object.entries(values).filter(([blockId]) => here.has(blockId)));
    const reply = await act({ gesture: 'submit', view: view.id, values: known });
    setBusy(false);
    if (!reply.ok) setTrouble(reply.error);
    else if (reply.result?.errors === undefined) setTrouble(reply.result?.error);
  };
  return (
    <Dialog title={plain(view.title)} testId="modal" onClose={() => void act({ gesture: 'closeModal' })}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="dialog-body">
          {trouble !== undefined && (
            <p className="input-error" role="alert">
              {trouble}
            </p>
          )}
          <Blocks blocks={view.blocks} on={{ id: view.id }} typed={typed} errors={view.errors ?? {}} />
        </div>
        <footer className="dialog-foot">
          <button
            type="button"
            className="button"
            data-testid="modal-close"
            onClick={() => void act({ gesture: 'closeModal' })}
          >
            {plain(view.close) || 'Cancel'}
          </button>
          {view.submit !== undefined && (
            <button type="submit" className="button primary" data-testid="modal-submit" disabled={busy}>
              {plain(view.submit)}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
