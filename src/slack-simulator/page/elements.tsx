import { useState } from 'react';
import { asFields, isFields, text } from '../fields.ts';
import { optionsOf, plain } from '../interactions/elements.ts';
import type { Fields, MessageRef, ViewRef } from '../types.ts';
import type { Typed } from './blocks.tsx';
import { Confirm } from './confirm.tsx';
import { useDesk } from './desk.ts';
import { ExternalSelect } from './external-select.tsx';

interface Props {
  readonly element: Fields;
  readonly blockId: string;
  readonly on: MessageRef | ViewRef;
  readonly typed: Typed | undefined;
  readonly id?: string;
  /** In an input block that does not tell the bot of every choice. */
  readonly isSilent?: boolean;
}

type Value = string | readonly string[] | null;

/** One element that can be pressed, chosen in or typed into. */
export function InteractiveElement({ element, blockId, on, typed, id, isSilent = false }: Props) {
  const { act } = useDesk();
  const [asking, setAsking] = useState<() => void>();
  const [busy, setBusy] = useState(false);
  const type = String(element.type);
  const actionId = String(element.action_id);
  const which = { actionId, blockId };

  const send = async (gesture: Readonly<Record<string, unknown>>) => {
    setBusy(true);
    await act({ on, element: which, ...gesture });
    setBusy(false);
  };
  const afterConfirm = (go: () => void) => (isFields(element.confirm) ? setAsking(() => go) : go());
  const choose = (value: Value) => {
    typed?.set(blockId, actionId, value);
    if (!isSilent) afterConfirm(() => void send({ gesture: 'choose', value }));
  };
  const current = typed?.get(blockId, actionId);
  const common = { id, disabled: busy, 'data-testid': `element-${actionId}` };
  const confirm = asking !== undefined && (
    <Confirm
      dialog={asFields(element.confirm)}
      onYes={() => {
        asking();
        setAsking(undefined);
      }}
      onNo={() => setAsking(undefined)}
    />
  );

  if (type === 'button') {
    const press = () => {
      if (typeof element.url === 'string') window.open(element.url, '_blank', 'noopener');
      void send({ gesture: 'click' });
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

interface ChooserProps {
  readonly element: Fields;
  readonly current: Value | undefined;
  readonly common: {
    readonly id: string | undefined;
    readonly disabled: boolean;
    readonly 'data-testid': string;
  };
  /** Whether each letter counts, or only what stands when the field is left. */
  readonly typing: boolean;
  choose(value: Value): void;
}

function Chooser({ element, current, common, choose, typing }: ChooserProps) {
  const { live } = useDesk();
  const type = String(element.type);
  const initial = asFields(element.initial_option).value;
  const one =
    typeof current === 'string'
      ? current
      : current === null
        ? ''
        : String(initial ?? element.initial_value ?? '');
  const placeholder = plain(element.placeholder);

  if (
    type === 'static_select' ||
    type === 'overflow' ||
    type === 'users_select' ||
    type === 'channels_select' ||
    type === 'conversations_select'
  ) {
    const options =
      type === 'users_select'
        ? live.people.map(({ id, realName, name }) => ({ value: id, label: realName ?? name }))
        : type === 'static_select' || type === 'overflow'
          ? optionsOf(element).map((option) => ({ value: String(option.value), label: plain(option.text) }))
          : live.channels.map(({ id, name }) => ({ value: id, label: `#${name}` }));
    const first = type === 'overflow' ? '⋯ More' : placeholder || 'Choose …';
    return (
      <select
        {...common}
        className={type === 'overflow' ? 'overflow' : undefined}
        aria-label={common.id === undefined ? first : undefined}
        value={type === 'overflow' ? '' : one}
        onChange={({ target }) => choose(target.value === '' ? null : target.value)}
      >
        <option value="">{first}</option>
        {options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  if (type === 'multi_static_select' || type === 'checkboxes' || type === 'radio_buttons') {
    return (
      <Ticks
        element={element}
        current={current}
        one={type === 'radio_buttons'}
        choose={choose}
        name={common['data-testid']}
      />
    );
  }
  const inputType = INPUT_TYPES[type];
  if (inputType === undefined) return <span className="unknown">({type} is not drawn here)</span>;
  const field = {
    ...common,
    placeholder,
    defaultValue: one,
    ...(typing
      ? { onChange: ({ target }: { target: { value: string } }) => choose(target.value) }
      : {
          onBlur: ({ target }: { target: { value: string } }) => target.value !== one && choose(target.value),
        }),
  };
  return element.multiline === true ? (
    <textarea rows={4} {...field} />
  ) : (
    <input type={inputType} {...field} />
  );
}

const INPUT_TYPES: Readonly<Record<string, string>> = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
  datepicker: 'date',
  timepicker: 'time',
};

interface TicksProps {
  readonly element: Fields;
  readonly current: Value | undefined;
  readonly one: boolean;
  readonly name: string;
  choose(value: Value): void;
}

function Ticks({ element, current, one, choose, name }: TicksProps) {
  const [own, setOwn] = useState<readonly string[]>(() => {
    const initial = one
      ? [element.initial_option]
      : Array.isArray(element.initial_options)
        ? element.initial_options
        : [];
    return initial.filter(isFields).map((option) => String(option.value));
  });
  const ticked =
    current === undefined ? own : current === null ? [] : typeof current === 'string' ? [current] : current;
  const toggle = (value: string) => {
    const next = one
      ? [value]
      : ticked.includes(value)
        ? ticked.filter((each) => each !== value)
        : [...ticked, value];
    setOwn(next);
    choose(one ? value : next);
  };
  return (
    <div className="ticks">
      {optionsOf(element).map((option) => {
        const value = String(option.value);
        return (
          <label key={value}>
            <input
              type={one ? 'radio' : 'checkbox'}
              name={name}
              checked={ticked.includes(value)}
              onChange={() => toggle(value)}
            />
            {plain(option.text)}
          </label>
        );
      })}
    </div>
  );
}
