import { asList, isFields } from '../fields.ts';
import { plain } from '../interactions/elements.ts';
import type { Block, Fields, MessageRef, ViewRef } from '../types.ts';
import { Drawn } from './drawn.tsx';
import { InteractiveElement } from './elements.tsx';
import type { Typed } from './typed.ts';

interface Props {
  readonly blocks: readonly Block[];
  readonly on: MessageRef | ViewRef;
  /** In a modal, what was typed is kept here until it is submitted. */
  readonly typed?: Typed;
  readonly errors?: Readonly<Record<string, string>>;
}

/**
 * Draws blocks: what only shows something by slack-blocks-to-jsx, what can be pressed or filled in by ourselves,
 * since the library's elements cannot be listened to.
 */
export function Blocks({ blocks, on, typed, errors }: Props) {
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        <OneBlock
          // A message that is updated has new ids: by them, a question that is open in it would be closed.
          key={typed === undefined ? index : (block.block_id ?? index)}
          block={block}
          on={on}
          typed={typed}
          error={errors?.[block.block_id ?? '']}
        />
      ))}
    </div>
  );
}

interface OneProps {
  readonly block: Block;
  readonly on: MessageRef | ViewRef;
  readonly typed: Typed | undefined;
  readonly error: string | undefined;
}

function OneBlock({ block, on, typed, error }: OneProps) {
  const blockId = block.block_id ?? '';
  const element = (each: Fields) => (
    <InteractiveElement key={String(each.action_id)} element={each} blockId={blockId} on={on} typed={typed} />
  );
  if (block.type === 'actions') return <div className="actions">{asList(block.elements).map(element)}</div>;
  if (block.type === 'input' && isFields(block.element)) {
    const { element: inner } = block;
    // The id ties label and field together for screen readers.
    const id = `${blockId}-${String(inner.action_id)}`;
    return (
      <div className={error === undefined ? 'input' : 'input wrong'}>
        <label htmlFor={id}>
          {plain(block.label)}
          {block.optional === true && <small> (optional)</small>}
        </label>
        <InteractiveElement
          element={inner}
          blockId={blockId}
          on={on}
          typed={typed}
          id={id}
          isSilent={block.dispatch_action !== true}
        />
        {block.hint !== undefined && <p className="input-hint">{plain(block.hint)}</p>}
        {error !== undefined && (
          <p className="input-error" role="alert">
            {error}
          </p>
        )}
      </div>
    );
  }
  const accessory = block.type === 'section' && isFields(block.accessory) ? block.accessory : undefined;
  if (accessory !== undefined && accessory.type !== 'image') {
    const { accessory: _drawnBeside, ...rest } = block;
    return (
      <div className="with-accessory">
        <Drawn block={rest} />
        {element(accessory)}
      </div>
    );
  }
  return <Drawn block={block} />;
}
