import { useState } from 'react';
import { asFields, isFields } from '../fields.ts';
import { optionsOf, plain } from '../interactions/elements.ts';
import type { Fields } from '../types.ts';
import { useDesk } from './desk.ts';

/** What stands in an element. */
export type Value = string | readonly string[] | null;

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

/** A menu, picker, field, or list of ticks. */
export function Chooser({ element, current, common, choose, typing }: ChooserProps) {
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
