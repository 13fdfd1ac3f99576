import { useState } from 'react';
import type { Block } from 'slack-blocks-to-jsx';
import { Drawn } from './message.tsx';
import { act, type SlackView, type Snapshot } from './model.ts';

interface Props {
  view: SlackView;
  as: string;
  snapshot: Snapshot;
  onTold: (words: string) => void;
}

/** The modal in front. Text inputs can be filled in; everything else is drawn. */
export function ModalView({ view, as, snapshot, onTold }: Props) {
  const [values, setValues] = useState<Record<string, Record<string, string>>>({});
  const submit = async () => {
    const error = await act({ gesture: 'submit', as, view: view.id, values });
    if (error !== undefined) onTold(error);
  };
  return (
    <div className="backdrop">
      <dialog open className="modal" data-testid="modal" aria-label={view.title?.text}>
        <h2>{view.title?.text}</h2>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          {view.blocks.map((block) => (
            <Field
              key={block.block_id}
              block={block}
              snapshot={snapshot}
              error={view.errors?.[blockIdOf(block)]}
              onValue={(action, value) => setValues({ ...values, [blockIdOf(block)]: { [action]: value } })}
            />
          ))}
          <footer>
            <button type="button" onClick={() => void act({ gesture: 'closeModal', as })}>
              {view.close?.text ?? 'Cancel'}
            </button>
            {view.submit === undefined ? null : (
              <button type="submit" className="primary" data-testid="submit">
                {view.submit.text}
              </button>
            )}
          </footer>
        </form>
      </dialog>
    </div>
  );
}

const blockIdOf = (block: Block): string => block.block_id ?? '';

interface FieldProps {
  block: Block;
  snapshot: Snapshot;
  error: string | undefined;
  onValue: (action: string, value: string) => void;
}

function Field({ block, snapshot, error, onValue }: FieldProps) {
  if (block.type !== 'input' || block.element.type !== 'plain_text_input') {
    return <Drawn blocks={[block]} snapshot={snapshot} />;
  }
  const action = block.element.action_id ?? '';
  return (
    <label className="field">
      {block.label.text}
      <textarea
        rows={block.element.multiline ? 4 : 1}
        data-testid={`input-${action}`}
        placeholder={block.element.placeholder?.text}
        onChange={(event) => onValue(action, event.target.value)}
      />
      {error === undefined ? null : <span className="bad">{error}</span>}
    </label>
  );
}
