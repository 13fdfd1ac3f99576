import { useState } from 'react';
import { isFields, text } from '../fields.ts';
import { plain } from '../interactions/elements.ts';
import type { Fields, MessageRef, ViewRef } from '../types.ts';
import { Chooser, type Value } from './chooser.tsx';
import { Confirm } from './confirm.tsx';
import { useDesk } from './desk.ts';
import { ExternalSelect } from './external-select.tsx';
import type { Typed } from './typed.ts';

interface Props {
  readonly element: Fields;
  readonly blockId: string;
  readonly on: MessageRef | ViewRef;
  readonly typed: Typed | undefined;
  readonly id?: string;
  /** In an input block that does not tell the bot of every choice. */
  readonly isSilent?: boolean;
}

/** One element that can be pressed, chosen in or typed into. */
export function InteractiveElement({ element, blockId, on, typed, id, isSilent = false }: Props) {
  const { act } = useDesk();
  const [asking, setAsking] = useState<{ readonly dialog: Fields; go(): void }>();
  const [busy, setBusy] = useState(false);
  const type = String(element.type);
  const actionId = String(element.action_id);
  const which = { actionId, blockId };

  const send = async (gesture: Readonly<Record<string, unknown>>) => {
    setBusy(true);
    await act({ on, element: which, ...gesture });
    setBusy(false);
  };
  const afterConfirm = (go: () => void) =>
    isFields(element.confirm) ? setAsking({ dialog: element.confirm, go }) : go();
  const choose = (value: Value) => {
    typed?.set(blockId, actionId, value);
    if (!isSilent) afterConfirm(() => void send({ gesture: 'choose', value }));
  };
  const current = typed?.get(blockId, actionId);
  const common = { id, disabled: busy, 'data-testid': `element-${actionId}` };
  const confirm = asking !== undefined && (
    <Confirm
      dialog={asking.dialog}
      onYes={() => {
        asking.go();
        setAsking(undefined);
      }}
      onNo={() => setAsking(undefined)}
    />
  );

  if (type === 'button') {
    const press = () => {
      if (typeof element.url === 'string') window.open(element.url, '_blank', 'noopener');
      void send({ gesture: 'click', shown: element });
    };
    return (
      <>
        <button
          type="button"
          {...common}
          className={`button ${String(element.style ?? '')} ${busy ? 'busy' : ''}`}
          aria-label={text(element, 'accessibility_label')}
          onClick={() => afterConfirm(press)}
        >
          {plain(element.text)}
        </button>
        {confirm}
      </>
    );
  }
  if (type.includes('external_select')) {
    const remember = (value: string) => typed?.set(blockId, actionId, value);
    return <ExternalSelect element={element} which={which} on={on} onChoose={remember} id={id} />;
  }
  return (
    <>
      <Chooser
        element={element}
        current={current}
        common={common}
        choose={choose}
        typing={typed !== undefined && isSilent}
      />
      {confirm}
    </>
  );
}
